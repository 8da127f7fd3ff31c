//! Variables whose value looks like a secret. No finding shows a value: stars stand in the place of all of them.

use super::Bench;
use crate::diagnostic::Source;
use crate::secret;
use crate::yaml::node::{Node, Value};

/// Warns of literal values in `variables`, in all of the manifest, that look like secrets.
pub(super) fn check(bench: &mut Bench<'_>, source: &Source, root: &Node) {
    let mut suspects = vec![];
    walk(root, &mut suspects);
    if suspects.is_empty() {
        return;
    }
    let out = bench.book.of(source);
    for (key, _) in &suspects {
        let name = key.as_str().unwrap_or_default();
        out.warn("values/secret", format!("the value of `{name}` looks like a secret"))
            .at(key.span)
            .help("put it under `secrets`: the name of an SSM parameter, or `secretsmanager`; everyone who sees the template sees a variable");
    }
    let hidden: Vec<_> = suspects.iter().map(|(_, value)| value.span).collect();
    bench.book.hide(&source.path, &hidden);
}

fn walk<'a>(node: &'a Node, out: &mut Vec<(&'a Node, &'a Node)>) {
    match &node.value {
        Value::Sequence(items) => items.iter().for_each(|item| walk(item, out)),
        Value::Mapping(pairs) => {
            for (key, value) in pairs {
                if key.as_str() == Some("variables") {
                    let variables = value.as_mapping().unwrap_or_default().iter();
                    out.extend(
                        variables
                            .filter(|(key, value)| is_suspect(key, value))
                            .map(|(key, value)| (key, value)),
                    );
                } else {
                    walk(value, out);
                }
            }
        }
        Value::Scalar(..) => {}
    }
}

fn is_suspect(key: &Node, value: &Node) -> bool {
    let (Some(name), Some(text)) = (key.as_str(), value.as_str()) else { return false };
    secret::is_suspect(name, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::node;

    #[test]
    fn what_looks_like_a_secret() {
        let text = "variables:\n  DB_PASSWORD: hunter2\n  DB_PASSWORD_FILE: /run/secrets/db\n  API_TOKEN: ${TOKEN}\n  TOKEN_TTL: 3600\n  \
            URL: postgres://app:s3cret@db/x\n  PLAIN: postgres://app@db/x\n  KEY_ID: AKIAIOSFODNN7EXAMPLE\n  SECRET_NAME: shop\n  \
            USE_TOKEN: true\n  ACCESS_KEY: {from_cfn: x}\n  PORT: 80\nsidecars:\n  a:\n    variables: {clientSecret: abcdef}\n";
        let root = node::parse(text).unwrap();
        let mut found = vec![];
        walk(&root, &mut found);
        let names: Vec<&str> = found.iter().map(|(key, _)| key.as_str().unwrap()).collect();
        assert_eq!(names, ["DB_PASSWORD", "URL", "KEY_ID", "clientSecret"]);
    }
}
