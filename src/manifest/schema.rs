//! JSON Schemas of manifests, for editors and other programs.
//!
//! Draft 07: the newest that yaml-language-server reads ("Supports JSON Schema 7 and below", its README). Its YAML is
//! version 1.2, so what wharf reads as YAML 1.1 stands in the schema by its text: `yes` and `off` where a boolean is meant.
//! `${NAME}` may stand wherever a text can become the value. Null counts as not set everywhere.

use serde_json::{Map, Value as Json, json};

use super::catalogue::{Document, Frame};
use super::shape::{Field, Object, Shape};

/// The dialect of the schemas.
const DIALECT: &str = "http://json-schema.org/draft-07/schema#";
/// A text with a name that is replaced.
const VARIABLE: &str = r"\$\{[_a-zA-Z][_a-zA-Z0-9]*\}";
/// The words of YAML 1.1 for booleans, but for `true` and `false`.
const BOOLEAN_WORDS: &str = "^([yY]([eE][sS])?|[nN][oO]?|[oO][nN]|[oO][fF][fF])$";
/// Durations as Go writes them.
const DURATION: &str = r"^[-+]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$";

/// The name of the schema of the workspace's small files.
pub const WORKSPACE_FILES: &str = "workspace-files";

/// The schema of a type of manifest.
#[must_use]
pub fn schema(document: &Document) -> Json {
    let mut definitions = Map::new();
    let (mut properties, mut section) = (Map::new(), Map::new());
    for field in document.top() {
        let own = match (document.frame, field.key) {
            (_, "type") => json!({"description": text(field), "enum": [document.name]}),
            (Frame::Workload, "name") => json!({"description": text(field), "type": "string"}),
            (Frame::Workload, "environments") => continue,
            (Frame::Whole(_), _) => {
                add(&mut properties, field, field.key, document);
                continue;
            }
            (Frame::Workload, key) => {
                let mut holder = Map::new();
                add(&mut holder, field, key, document);
                for name in holder.keys() {
                    let reference = json!({"$ref": format!("#/definitions/{name}")});
                    properties.insert(name.clone(), reference.clone());
                    section.insert(name.clone(), reference);
                }
                definitions.extend(holder);
                continue;
            }
        };
        properties.insert(field.key.to_owned(), own);
    }
    let mut schema = json!({"$schema": DIALECT, "title": document.name, "description": document.about});
    let required = match document.frame {
        Frame::Workload => {
            let field = document.top().pop();
            properties.insert(
                "environments".to_owned(),
                json!({
                    "description": field.map(text),
                    "type": ["object", "null"],
                    "additionalProperties": closed(section, json!(["object", "null"])),
                }),
            );
            json!(["name", "type"])
        }
        Frame::Whole(required) => json!(required),
    };
    extend(&mut schema, closed(properties, json!("object")));
    schema["required"] = required;
    if !definitions.is_empty() {
        schema["definitions"] = Json::Object(definitions);
    }
    schema
}

/// The schema of the workspace's small files: `.workspace`, `addons.parameters.yml`, `cfn.patches.yml`.
#[must_use]
pub fn workspace_files() -> Json {
    json!({
        "$schema": DIALECT,
        "title": "Small files of a workspace",
        "description": "`.workspace`, `addons/addons.parameters.yml` or `overrides/cfn.patches.yml`.",
        "anyOf": [
            {"$ref": "#/definitions/workspace"},
            {"$ref": "#/definitions/addons.parameters"},
            {"$ref": "#/definitions/cfn.patches"},
        ],
        "definitions": {
            "workspace": {
                "title": ".workspace",
                "description": "The application that the manifests of the folder belong to.",
                "type": "object",
                "required": ["application"],
                "properties": {
                    "application": {
                        "description": "Name of the application.",
                        "type": "string",
                        "pattern": "^[a-z][a-z0-9-]*$",
                    },
                    "path": {"description": "Of early versions; it has no meaning any more.", "type": ["string", "null"]},
                },
            },
            "addons.parameters": {
                "title": "addons.parameters.yml",
                "description": "Values of the parameters of the addons' template.",
                "type": "object",
                "required": ["Parameters"],
                "additionalProperties": false,
                "properties": {
                    "Parameters": {
                        "description": "The values by the names of the parameters; they may use functions of CloudFormation.",
                        "type": "object",
                        "propertyNames": {"not": {"enum": ["App", "Env", "Name"]}},
                    },
                },
            },
            "cfn.patches": {
                "title": "cfn.patches.yml",
                "description": "Changes of the rendered template, made in their order.",
                "type": ["array", "null"],
                "items": {
                    "type": "object",
                    "required": ["op", "path"],
                    "properties": {
                        "op": {
                            "description": "`add` puts a value into a map or before an element of a list, `replace` puts it in the place of one that is there, `remove` takes one away.",
                            "enum": ["add", "remove", "replace"],
                        },
                        "path": {
                            "description": "JSON pointer into the template; `-` behind a list appends.",
                            "type": "string",
                            "pattern": "^(/|$)",
                        },
                        "value": {"description": "The new value."},
                    },
                    "if": {"properties": {"op": {"enum": ["add", "replace"]}}},
                    "then": {"required": ["value"]},
                },
            },
        },
    })
}

/// A map that has these keys only, and keys of the user's that begin with `x-`.
fn closed(properties: Map<String, Json>, kind: Json) -> Json {
    json!({"type": kind, "properties": properties, "patternProperties": {"^x-": {}}, "additionalProperties": false})
}

/// Adds a field under its key, and under its older spelling.
fn add(properties: &mut Map<String, Json>, field: &Field, path: &str, document: &Document) {
    let shape = match ((field.shape)(), document.full_only.contains(&path)) {
        (Shape::Either { full, .. }, true) => full(),
        (shape, _) => shape,
    };
    let mut own = nullable(value(shape, path, document));
    let described = json!({"description": text(field)});
    if let Some(was) = field.was {
        let mut old = json!({
            "description": format!("The older spelling of `{}`.", field.key),
            "deprecationMessage": format!("Write `{}`.", field.key),
        });
        extend(&mut old, own.clone());
        properties.insert(was.to_owned(), old);
    }
    let mut all = described;
    extend(&mut all, own.take());
    properties.insert(field.key.to_owned(), all);
}

/// What is said of a field.
fn text(field: &Field) -> String {
    match field.default {
        Some(default) => format!("{}\n\nDefault: `{default}`.", field.doc()),
        None => field.doc().to_owned(),
    }
}

fn extend(into: &mut Json, from: Json) {
    if let (Json::Object(into), Json::Object(from)) = (into, from) {
        into.extend(from);
    }
}

/// The schema of a shape that stands at `path`, without null.
fn value(shape: Shape, path: &str, document: &Document) -> Json {
    let or_variable = |pattern: &str| format!("{pattern}|{VARIABLE}");
    match shape {
        Shape::Text { .. } => json!({"type": ["string", "number", "boolean"]}),
        Shape::Pattern { pattern, .. } => {
            json!({"type": ["string", "number"], "pattern": or_variable(pattern)})
        }
        Shape::Word { words } => {
            let any_case: Vec<String> = words.iter().map(|word| in_any_case(word)).collect();
            let pattern = or_variable(&format!("^({})$", any_case.join("|")));
            json!({"anyOf": [{"enum": words}, {"type": "string", "pattern": pattern}]})
        }
        Shape::Integer { min, max } => {
            let mut schema = json!({"type": ["integer", "string"], "pattern": VARIABLE, "minimum": min});
            if max != i64::MAX {
                schema["maximum"] = json!(max);
            }
            schema
        }
        Shape::Number => json!({"type": ["number", "string"], "pattern": VARIABLE}),
        Shape::Boolean => json!({"type": ["boolean", "string"], "pattern": or_variable(BOOLEAN_WORDS)}),
        Shape::Duration => json!({"type": "string", "pattern": or_variable(DURATION)}),
        // A text that is a list in JSON is that list.
        Shape::List { item } => {
            let item = value(item(), &format!("{path}[]"), document);
            json!({"type": ["array", "string"], "pattern": or_variable(r"^\s*\["), "items": item})
        }
        Shape::Map { value: of } => {
            let value = nullable(value(of(), &format!("{path}.<key>"), document));
            json!({"type": "object", "additionalProperties": value})
        }
        Shape::Object(object) => block(object, path, document),
        Shape::Either { short, full } => {
            json!({"anyOf": [value(short(), path, document), value(full(), path, document)]})
        }
        Shape::Any => json!({}),
    }
}

fn block(object: &'static Object, path: &str, document: &Document) -> Json {
    let mut properties = Map::new();
    for field in object.all() {
        let path = format!("{path}.{}", field.key);
        if document.has(&path) {
            add(&mut properties, field, &path, document);
        }
    }
    let both = |(one, other): (&str, &str)| json!({"not": {"required": [one, other]}});
    let excluded: Vec<Json> = object.excluded().into_iter().map(both).collect();
    let mut block = closed(properties, json!("object"));
    if !excluded.is_empty() {
        block["allOf"] = json!(excluded);
    }
    block
}

/// The schema of what may also be null.
fn nullable(mut schema: Json) -> Json {
    if let Some(any) = schema.get_mut("anyOf").and_then(Json::as_array_mut) {
        any.push(json!({"type": "null"}));
    }
    match schema.get_mut("type") {
        Some(Json::Array(kinds)) => kinds.push(json!("null")),
        Some(kind) => *kind = json!([kind.clone(), "null"]),
        None => {}
    }
    schema
}

/// A regular expression for a word in any letter case.
fn in_any_case(word: &str) -> String {
    let mut out = String::new();
    for c in word.chars() {
        if c.is_ascii_alphabetic() {
            out.extend(['[', c.to_ascii_lowercase(), c.to_ascii_uppercase(), ']']);
        } else if c.is_ascii_alphanumeric() {
            out.push(c);
        } else {
            out.extend(['\\', c]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::catalogue;

    fn at(path: &str) -> Json {
        let schema = schema(catalogue::find("backend-service").unwrap());
        schema.pointer(path).cloned().unwrap_or_default()
    }

    #[test]
    fn fields_say_what_they_take() {
        insta::assert_json_snapshot!(at("/definitions/count/anyOf/0"), @r#"
        {
          "type": [
            "integer",
            "string"
          ],
          "pattern": "\\$\\{[_a-zA-Z][_a-zA-Z0-9]*\\}",
          "minimum": 0
        }
        "#);
        let port = at("/definitions/image/properties/port");
        assert_eq!((&port["minimum"], &port["maximum"]), (&json!(1), &json!(65535)));
        let old = at("/definitions/http/anyOf/0");
        assert_eq!(old, Json::Null, "a Backend Service takes the full form of http only");
        let old = at("/definitions/http/properties/targetContainer");
        assert_eq!(old["deprecationMessage"], "Write `target_container`.");
        assert_eq!(at("/definitions/image/allOf"), json!([{"not": {"required": ["build", "location"]}}]));
    }

    #[test]
    fn sections_have_the_fields_but_name_and_type() {
        let section = at("/properties/environments/additionalProperties/properties");
        assert_eq!(section["cpu"], json!({"$ref": "#/definitions/cpu"}));
        assert!(section.get("name").is_none() && section.get("environments").is_none());
    }

    #[test]
    fn words_stand_in_any_case() {
        assert_eq!(in_any_case("aws-x1"), r"[aA][wW][sS]\-[xX]1");
    }
}
