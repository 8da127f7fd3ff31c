//! Texts that are handed over and never shown: passwords, tokens, keys.

use std::fmt;

/// A text that no debug output, message or log shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for handing it over, never for showing it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Parts of names that speak of secrets.
const NAMES: [&str; 9] = [
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "PRIVATEKEY",
    "ACCESSKEY",
    "CREDENTIAL",
    "PASSPHRASE",
];
/// How secrets of well-known services begin.
const BEGINNINGS: [&str; 11] = [
    "AKIA",
    "ASIA",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "sk_live_",
    "rk_live_",
    "-----BEGIN ",
];

/// Whether the value `text` of what is called `name`, such as an environment variable, looks like a secret.
#[must_use]
pub fn is_suspect(name: &str, text: &str) -> bool {
    looks_secret(text) || (speaks_of_secrets(name) && is_literal(text))
}

/// Whether a text has the form of a secret, whatever its name.
fn looks_secret(text: &str) -> bool {
    let text = text.trim();
    let begins = BEGINNINGS.iter().any(|beginning| text.starts_with(beginning)) && text.len() >= 16;
    let token = text.starts_with("eyJ") && text.matches('.').count() == 2 && text.len() > 40;
    // A password in an address: scheme://user:password@host.
    let login = text.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next()?.rsplit_once('@'));
    let password = login.and_then(|(user, _)| user.split_once(':')).is_some_and(|(_, word)| is_literal(word));
    begins || token || password
}

fn speaks_of_secrets(name: &str) -> bool {
    let plain = name.to_ascii_uppercase().replace(['_', '-'], "");
    // What only says where or how long is none.
    let about = [
        "URL", "URI", "NAME", "ARN", "PATH", "FILE", "TTL", "EXPIRY", "SECONDS", "LENGTH", "ID", "ENDPOINT",
        "HEADER",
    ];
    NAMES.iter().any(|part| plain.contains(part)) && !about.iter().any(|end| plain.ends_with(end))
}

/// Whether a text is a value of its own: no reference, no number, no switch, nothing empty.
fn is_literal(text: &str) -> bool {
    let text = text.trim();
    let word = text.to_ascii_lowercase();
    text.len() >= 4
        && !text.contains("${")
        && !text.starts_with(['/', '$', '{'])
        && !text.starts_with("arn:")
        && text.parse::<f64>().is_err()
        && !["true", "false", "none", "null", "undefined", "required", "optional", "disabled", "enabled"]
            .contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_formatted_is_never_the_text() {
        let secret = Secret::new("hush");
        assert_eq!(format!("{secret} {secret:?} {:?}", Some(&secret)), "*** *** Some(***)");
        assert_eq!(secret.expose(), "hush");
    }
}
