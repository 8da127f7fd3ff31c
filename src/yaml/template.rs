//! CloudFormation documents: read into one normal form, and written.
//!
//! The normal form is a JSON value in which every intrinsic function stands in its long form (`{"Fn::Sub": …}`,
//! `{"Ref": …}`, `{"Fn::GetAtt": ["A", "B"]}`), so that templates compare and patch as trees. Reading takes both YAML
//! with short tags and JSON. Writing gives YAML with short tags where they are unambiguous.
//!
//! CloudFormation reads YAML 1.1: `yes`, `012` or `22:22` without quotes would not stay text. [`to_yaml`] quotes every
//! text that either version of YAML reads as something else.

use serde_json::{Map, Number, Value as Json};

use super::node::{self, Node, Style, SyntaxError, Value};

/// Tags whose long form has no `Fn::` in front.
const BARE: [&str; 2] = ["Ref", "Condition"];
/// Intrinsic functions that have a short tag.
const TAGGED: [&str; 19] = [
    "Ref",
    "Condition",
    "Base64",
    "Cidr",
    "FindInMap",
    "GetAtt",
    "GetAZs",
    "ImportValue",
    "Join",
    "Select",
    "Split",
    "Sub",
    "Transform",
    "And",
    "Equals",
    "If",
    "Not",
    "Or",
    "ToJsonString",
];

/// Longest key, in bytes, that is written without a question mark: YAML ends them at 1024 characters.
const MAX_SIMPLE_KEY: usize = 1000;

/// Reads a template in YAML or JSON.
///
/// # Errors
/// [`SyntaxError`] with its place when the text is neither.
pub fn parse(text: &str) -> Result<Json, SyntaxError> {
    Ok(normal(&node::parse(text)?))
}

/// The normal form of a YAML tree.
#[must_use]
pub fn normal(node: &Node) -> Json {
    let value = match &node.value {
        Value::Scalar(text, style) => scalar(text, *style),
        Value::Sequence(items) => Json::Array(items.iter().map(normal).collect()),
        Value::Mapping(pairs) => Json::Object(
            pairs.iter().map(|(k, v)| (k.as_str().unwrap_or_default().to_owned(), normal(v))).collect(),
        ),
    };
    let Some(tag) = node.tag.as_deref().and_then(|tag| tag.strip_prefix('!')) else {
        return attribute_pair(value);
    };
    if BARE.contains(&tag) {
        return function(tag, Json::String(node.as_str().unwrap_or_default().to_owned()));
    }
    if tag == "GetAtt"
        && let Json::String(text) = &value
    {
        return function("Fn::GetAtt", split_attribute(text));
    }
    function(&format!("Fn::{tag}"), value)
}

fn function(name: &str, argument: Json) -> Json {
    Json::Object(Map::from_iter([(name.to_owned(), argument)]))
}

fn split_attribute(text: &str) -> Json {
    let (id, attribute) = text.split_once('.').unwrap_or((text, ""));
    Json::Array(vec![Json::from(id), Json::from(attribute)])
}

/// `{"Fn::GetAtt": "A.B"}` in its one form.
fn attribute_pair(value: Json) -> Json {
    match value {
        Json::Object(mut map) if map.len() == 1 && map.get("Fn::GetAtt").is_some_and(Json::is_string) => {
            let pair = split_attribute(map["Fn::GetAtt"].as_str().unwrap_or_default());
            map.insert("Fn::GetAtt".to_owned(), pair);
            Json::Object(map)
        }
        other => other,
    }
}

fn scalar(text: &str, style: Style) -> Json {
    if style != Style::Plain {
        return Json::from(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Json::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Json::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Json::Bool(false),
        _ => {}
    }
    // A number only where writing it again gives the same text: account ids and versions stay as they are.
    let whole = text.parse::<i64>().ok().map(Number::from);
    match whole.or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64)) {
        Some(number) if number.to_string() == text => Json::Number(number),
        _ => Json::from(text),
    }
}

/// Writes a document in YAML, two spaces a level, keys in their order, a newline at the end.
#[must_use]
pub fn to_yaml(value: &Json) -> String {
    let mut out = String::new();
    match value {
        Json::Object(map) if !map.is_empty() && short_form(value).is_none() => write_map(&mut out, map, 0),
        Json::Array(items) if !items.is_empty() => write_list(&mut out, items, 0),
        other => {
            write_value(&mut out, other, 0, false);
            if out.starts_with(' ') {
                out.remove(0);
            }
        }
    }
    out
}

fn write_map(out: &mut String, map: &Map<String, Json>, depth: usize) {
    for (key, value) in map {
        indent(out, depth);
        let key = text_scalar(key);
        if key.len() > MAX_SIMPLE_KEY {
            out.push_str("? ");
            out.push_str(&key);
            out.push('\n');
            indent(out, depth);
        } else {
            out.push_str(&key);
        }
        out.push(':');
        write_value(out, value, depth + 1, false);
    }
}

fn write_list(out: &mut String, items: &[Json], depth: usize) {
    for item in items {
        indent(out, depth);
        out.push('-');
        match item {
            // The first pair of a map stands behind the dash.
            Json::Object(map) if !map.is_empty() && short_form(item).is_none() => {
                let mut nested = String::new();
                write_map(&mut nested, map, depth + 1);
                out.push(' ');
                out.push_str(nested.trim_start_matches(' '));
            }
            other => write_value(out, other, depth + 1, false),
        }
    }
}

/// Writes ` value\n`, or `\n` and the block of a collection one level deeper. `tagged`: a tag stands in front.
fn write_value(out: &mut String, value: &Json, depth: usize, tagged: bool) {
    match value {
        Json::Null => out.push_str(" null\n"),
        Json::Bool(value) => out.push_str(if *value { " true\n" } else { " false\n" }),
        Json::Number(number) => {
            out.push(' ');
            out.push_str(&number.to_string());
            out.push('\n');
        }
        Json::String(text) => write_text(out, text, depth),
        Json::Array(items) if items.is_empty() => out.push_str(" []\n"),
        Json::Object(map) if map.is_empty() => out.push_str(" {}\n"),
        Json::Array(items) => {
            out.push('\n');
            write_list(out, items, depth);
        }
        Json::Object(map) => {
            if let Some((tag, argument)) = short_form(value).filter(|_| !tagged) {
                out.push_str(" !");
                out.push_str(tag);
                match (tag, argument) {
                    ("GetAtt", Json::Array(pair)) => {
                        let joined = pair.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(".");
                        write_text(out, &joined, depth);
                    }
                    _ => write_value(out, argument, depth, true),
                }
            } else {
                out.push('\n');
                write_map(out, map, depth);
            }
        }
    }
}

/// The tag and argument of an intrinsic function that can be written short: a tag can't follow a tag, and `!GetAtt`
/// joins names with a dot.
fn short_form(value: &Json) -> Option<(&str, &Json)> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    let (name, argument) = map.iter().next()?;
    let tag = match name.as_str() {
        "Ref" => "Ref",
        // `Condition` is a plain attribute of a resource as well; only inside condition functions is it a reference.
        "Condition" => return None,
        _ => name.strip_prefix("Fn::").filter(|tag| TAGGED.contains(tag))?,
    };
    let fits = match (tag, argument) {
        ("GetAtt", Json::Array(pair)) => pair.len() == 2 && pair.iter().all(Json::is_string),
        ("GetAtt", _) => false,
        ("Ref", argument) => argument.is_string(),
        ("Transform", _) => false,
        (_, argument) => short_form(argument).is_none() && !argument.is_null(),
    };
    fits.then_some((tag, argument))
}

fn write_text(out: &mut String, text: &str, depth: usize) {
    let block = text.contains('\n')
        && text.lines().all(|line| !line.ends_with([' ', '\t']) && line.chars().all(printable))
        && !text.starts_with([' ', '\n', '\t'])
        && !text.contains('\r');
    if !block {
        out.push(' ');
        out.push_str(&text_scalar(text));
        out.push('\n');
        return;
    }
    let kept = text.len() - text.trim_end_matches('\n').len();
    out.push_str(match kept {
        0 => " |-\n",
        1 => " |\n",
        _ => " |+\n",
    });
    let body = if kept > 1 { text } else { text.trim_end_matches('\n') };
    for line in body.split_inclusive('\n') {
        if line != "\n" {
            indent(out, depth.max(1));
        }
        out.push_str(line);
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
}

fn printable(c: char) -> bool {
    !c.is_control() && c != '\u{feff}' && c != '\u{2028}' && c != '\u{2029}' && c != '\u{85}' || c == '\t'
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// A text as a scalar: plain where no version of YAML reads anything else into it, else quoted.
fn text_scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if text.chars().all(|c| printable(c) && c != '\t' && u32::from(c) <= 0xffff) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if printable(c) => out.push(c),
            c if u32::from(c) <= 0xffff => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// Letters, digits and a few marks, starting with a letter or slash, and no word that YAML 1.1 knows.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 15] =
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", ".inf", ".nan", "nan", "inf", "="];
    let Some(first) = text.chars().next() else { return false };
    (first.is_ascii_alphabetic() || first == '/' || first == '_')
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text.chars().all(|c| c.is_ascii_alphanumeric() || " -_./:()+@$=;,*".contains(c))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn short_tags_become_long_forms() {
        let text = "A: !Ref X\nB: !GetAtt R.Outputs.Y\nC: !If [HasX, !Sub '${A}', !Ref 'AWS::NoValue']\nD: {Fn::GetAtt: R.Arn}\n";
        assert_eq!(
            parse(text).unwrap(),
            json!({"A": {"Ref": "X"}, "B": {"Fn::GetAtt": ["R", "Outputs.Y"]},
                   "C": {"Fn::If": ["HasX", {"Fn::Sub": "${A}"}, {"Ref": "AWS::NoValue"}]},
                   "D": {"Fn::GetAtt": ["R", "Arn"]}})
        );
    }

    #[test]
    fn numbers_that_would_change_stay_text() {
        assert_eq!(
            parse("a: 012345678901\nb: 1.10\nc: 80\nd: 2010-09-09\ne: 1.5\n").unwrap(),
            json!({"a": "012345678901", "b": "1.10", "c": 80, "d": "2010-09-09", "e": 1.5})
        );
    }

    #[test]
    fn written_yaml_reads_well() {
        let value = json!({"Resources": {"A": {"Type": "AWS::S3::Bucket", "Condition": "HasX", "Properties": {
            "Name": {"Fn::Sub": "${AppName}-x"}, "Arn": {"Fn::GetAtt": ["R", "Arn"]},
            "Nested": {"Fn::Base64": {"Fn::Sub": "x"}}, "List": [{"Ref": "P"}, {"Key": "k", "Value": "yes"}, []],
            "Word": "on", "Script": "line 1\n  line 2\n"}}}});
        insta::assert_snapshot!(to_yaml(&value), @r"
        Resources:
          A:
            Type: AWS::S3::Bucket
            Condition: HasX
            Properties:
              Name: !Sub '${AppName}-x'
              Arn: !GetAtt R.Arn
              Nested:
                Fn::Base64: !Sub x
              List:
                - !Ref P
                - Key: k
                  Value: 'yes'
                - []
              Word: 'on'
              Script: |
                line 1
                  line 2
        ");
        assert_eq!(parse(&to_yaml(&value)).unwrap(), value);
    }

    #[test]
    fn keys_may_be_long() {
        let key = "k: ".repeat(1000);
        let value = json!({"A": [{key.clone(): {key.clone(): 1}}, {key.clone(): []}], key: "x"});
        assert_eq!(parse(&to_yaml(&value)).unwrap(), value);
    }

    fn tree() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            any::<String>().prop_map(Json::from),
            "[ -~\n\t]{0,40}".prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<bool>().prop_map(Json::from),
            Just(Json::Null),
            prop::sample::select(vec![
                "yes", "no", "22:22", "0x1f", "1_000", "1e3", "012", "- a", "a: b", "#x", "!Ref x", "&a",
                "*a", "<<",
            ])
            .prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Json::Array),
                prop::collection::vec(
                    (any::<String>().prop_filter("merge key", |k| k != "<<"), inner.clone()),
                    0..5
                )
                .prop_map(|pairs| Json::Object(pairs.into_iter().collect())),
                inner.clone().prop_map(|v| json!({"Fn::Sub": v})),
                inner.prop_map(|v| json!({"Fn::If": ["C", v, {"Ref": "AWS::NoValue"}]})),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(value in tree()) {
            let text = to_yaml(&value);
            match parse(&text) {
                // An empty document reads as an empty map.
                Ok(back) => prop_assert!(back == value || value.is_null(), "{text}\n{back}\n{value}"),
                Err(error) => return Err(TestCaseError::fail(format!("{error}\n{text}"))),
            }
        }
    }
}
