//! From a built-in template and a view to a CloudFormation document.
//!
//! `templates/` is embedded in the binary and written in minijinja: strict about undefined names, conditions and loops
//! only. Whatever a template prints is written as a JSON value in plain ASCII (a JSON value is a YAML value), so nothing
//! in a manifest can leave its place, and a template places whole values only: `Name: {{ name }}`, never
//! `Name: {{ app }}-{{ name }}`. A composed value is a field of the view. The rendered text is read once into the normal
//! form of [`crate::yaml::template`].
//!
//! A template is parsed when it is first used; starting costs nothing.

use std::fmt::Write as _;
use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, Output, State, UndefinedBehavior, Value as JinjaValue};
use serde::Serialize;
use serde_json::Value;

/// Lists files below `templates/` with their texts.
macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// Every template by its path below `templates/`, sorted.
const TEMPLATES: &[(&str, &str)] = embedded![
    "app/infrastructure.yml",
    "app/roles.yml",
    "environment/balancer.yml",
    "environment/bootstrap.yml",
    "environment/cdn.yml",
    "environment/cluster.yml",
    "environment/environment.yml",
    "environment/internal.yml",
    "environment/logs.yml",
    "environment/network.yml",
    "environment/outputs.yml",
    "environment/role_outputs.yml",
    "environment/roles.yml",
    "environment/security.yml",
    "environment/storage.yml",
    "pipeline/permissions.yml",
    "pipeline/pipeline.yml",
    "workload/alarms.yml",
    "workload/alb.yml",
    "workload/container.yml",
    "workload/ecs-service.yml",
    "workload/head.yml",
    "workload/job.yml",
    "workload/nlb.yml",
    "workload/publish.yml",
    "workload/queues.yml",
    "workload/request-driven.yml",
    "workload/roles.yml",
    "workload/scaling.yml",
    "workload/service.yml",
    "workload/shared.yml",
    "workload/site.yml",
    "workload/tagged-secrets.yml",
    "workload/target-check.yml",
    "workload/task.yml",
];

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| engine(TEMPLATES));

/// A fault in a built-in template: ours, never the user's, because no value can break a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the built-in template {template}, line {line}: {message}; this is a bug in wharf")]
pub struct RenderError {
    /// Path of the template below `templates/`.
    pub template: String,
    /// Line in the template; in the rendered text when that is no YAML; 0 when unknown.
    pub line: usize,
    /// What is wrong, without values of the view.
    pub message: String,
}

/// Renders a built-in template with a view and reads the result into its normal form.
///
/// # Errors
/// [`RenderError`] when the template is missing, names something the view has not, or gives no YAML.
pub fn render(template: &str, view: &impl Serialize) -> Result<Value, RenderError> {
    render_with(&ENGINE, template, view)
}

fn render_with(
    engine: &Environment<'static>,
    template: &str,
    view: &impl Serialize,
) -> Result<Value, RenderError> {
    let text = engine
        .get_template(template)
        .and_then(|template| template.render(JinjaValue::from(Serde(view))))
        .map_err(|error| fault(template, &error))?;
    crate::yaml::template::parse(&text).map_err(|error| RenderError {
        template: template.to_owned(),
        line: error.span.line,
        message: format!("the result is no YAML: {}", error.message),
    })
}

/// The innermost cause: a fault in an included template is a cause of the including one's.
fn fault(template: &str, error: &minijinja::Error) -> RenderError {
    let mut innermost = error;
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        innermost = inner.downcast_ref().unwrap_or(innermost);
        cause = inner.source();
    }
    let mut message = innermost.kind().to_string();
    if let Some(detail) = innermost.detail() {
        let _ = write!(message, ": {detail}");
    }
    RenderError {
        template: innermost.name().unwrap_or(template).to_owned(),
        line: innermost.line().unwrap_or(0),
        message,
    }
}

fn engine(templates: &'static [(&'static str, &'static str)]) -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    // Macros and includes give text that is already escaped; `Json` makes the engine treat it so.
    engine.set_auto_escape_callback(|_| minijinja::AutoEscape::Json);
    engine.set_formatter(print);
    let mut syntax = SyntaxConfig::builder();
    // Delimiters are the defaults, so building can't fail.
    if let Ok(syntax) = syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build() {
        engine.set_syntax(syntax);
    }
    engine.set_auto_reload(false);
    engine.set_loader(move |name| {
        Ok(templates.binary_search_by_key(&name, |(known, _)| known).ok().map(|at| templates[at].1))
    });
    engine
}

/// Prints a value of a view: text that a macro has rendered as it is, everything else as JSON.
fn print(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &JinjaValue) -> Result<(), minijinja::Error> {
    if value.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    if value.is_safe() {
        return out.write_str(value.as_str().unwrap_or_default()).map_err(Into::into);
    }
    let json = serde_json::to_value(value).map_err(|error| {
        minijinja::Error::new(ErrorKind::BadSerialization, "a value has no JSON form").with_source(error)
    })?;
    let mut text = String::new();
    write_json(&mut text, &json);
    out.write_str(&text).map_err(Into::into)
}

/// Writes a value as JSON that is YAML as well: ASCII only, a space after each colon, characters beyond 16 bits in
/// YAML's long escape (YAML knows no surrogate pairs).
fn write_json(out: &mut String, value: &Value) {
    match value {
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write_json(out, item);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (at, (key, item)) in map.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                // An explicit key may be of any length, a simple one ends at 1024 characters.
                out.push_str("? ");
                write_text(out, key);
                out.push_str(" : ");
                write_json(out, item);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            c if u32::from(c) <= 0xffff => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const SAMPLES: &[(&str, &str)] = &[
        ("broken.yml", "A: 1\n{% if %}\n"),
        ("deep.yml", "A: 1\n{% include \"missing.yml\" %}\n"),
        ("include.yml", "{% include \"part.yml\" %}\nLast: {{ last }}\n"),
        ("missing.yml", "A: {{ a }}\nB: {{ nothing }}\n"),
        ("no-yaml.yml", "A: [\n"),
        (
            "part.yml",
            "{% macro pair(name, value) %}\n  {{ name }}: {{ value }}\n{% endmacro %}\nMap:\n{% for item in items %}\n{{ pair(item, last) }}{% endfor %}\n",
        ),
        ("value.yml", "Before: 1\nValue: {{ value }}\nList:\n  - {{ value }}\nAfter: 2\n"),
    ];

    fn sample(template: &str, view: &Value) -> Result<Value, RenderError> {
        render_with(&engine(SAMPLES), template, view)
    }

    #[test]
    fn the_tables_are_sorted() {
        assert!(TEMPLATES.is_sorted_by_key(|(name, _)| name));
        assert!(SAMPLES.is_sorted_by_key(|(name, _)| name));
    }

    #[test]
    fn every_template_parses() {
        for (name, _) in TEMPLATES {
            ENGINE.get_template(name).unwrap();
        }
    }

    #[test]
    fn includes_and_macros_are_escaped_once() {
        let view = json!({"items": ["a", "b: c"], "last": "x\"y"});
        assert_eq!(
            sample("include.yml", &view).unwrap(),
            json!({"Map": {"a": "x\"y", "b: c": "x\"y"}, "Last": "x\"y"})
        );
    }

    #[test]
    fn faults_say_where() {
        let fault = |name: &str| sample(name, &json!({"a": 1})).unwrap_err().to_string();
        insta::assert_snapshot!(
            ["broken.yml", "deep.yml", "missing.yml", "no-yaml.yml", "unknown.yml"].map(fault).join("\n"),
            @r#"
        the built-in template broken.yml, line 2: syntax error: unexpected end of block; this is a bug in wharf
        the built-in template missing.yml, line 2: undefined value: `nothing` is undefined; this is a bug in wharf
        the built-in template missing.yml, line 2: undefined value: `nothing` is undefined; this is a bug in wharf
        the built-in template no-yaml.yml, line 2: the result is no YAML: while parsing a node, did not find expected node content; this is a bug in wharf
        the built-in template unknown.yml, line 0: template not found: template "unknown.yml" does not exist; this is a bug in wharf
        "#
        );
    }

    fn values() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            any::<String>(),
            prop::sample::select(vec![
                "",
                "yes",
                "012",
                "1e3",
                "~",
                "null",
                "{{ a }}",
                "{% if %}",
                "${A}",
                "!Ref A",
                "- a",
                "a: b",
                "#",
                "\"",
                "'",
                "\\",
                "\r\n",
                "\u{85}",
                "\u{2028}",
                "\u{feff}",
                "\u{7f}",
                "\u{0}",
                "\u{10ffff}",
                "---",
                "*a",
                "&a",
                "%TAG",
            ])
            .prop_map(str::to_owned),
        ];
        let leaf = prop_oneof![
            text.clone().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(3, 20, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(text.clone(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_stays_in_its_place(value in values()) {
            let rendered = sample("value.yml", &json!({"value": value.clone()})).unwrap();
            // A pair named `Fn::GetAtt` with a text would be an intrinsic in short form; no generated key is that.
            prop_assert_eq!(rendered, json!({"Before": 1, "Value": value.clone(), "List": [value], "After": 2}));
        }
    }

    #[test]
    fn size_does_not_matter() {
        let long = "ä\n\"".repeat(50_000);
        let value = json!({long.clone(): long.clone()});
        let rendered = sample("value.yml", &json!({"value": value.clone()})).unwrap();
        assert_eq!(rendered["Value"], value);
    }
}
