//! Where engines keep passwords: their configuration file, as text in and text out.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::Kind;

/// Name of the configuration file in the private directory, for every kind of engine.
pub const FILE: &str = "config.json";
/// Credential helper that logs in to ECR by itself.
const ECR_HELPER: &str = "ecr-login";

/// Where a user's configuration may be, by the variables of the environment; absent ones are not set.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// `HOME`, or the profile's directory on Windows.
    pub home: Option<PathBuf>,
    /// `DOCKER_CONFIG`.
    pub docker_config: Option<PathBuf>,
    /// `REGISTRY_AUTH_FILE`.
    pub registry_auth_file: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`.
    pub runtime: Option<PathBuf>,
}

/// The user's configuration directory that the private one mirrors; none where there is nothing to mirror.
#[must_use]
pub fn directory(kind: Kind, places: &Places) -> Option<PathBuf> {
    if kind.uses_auth_file() {
        return None;
    }
    places.docker_config.clone().or_else(|| Some(places.home.as_ref()?.join(".docker")))
}

/// Files that may hold the user's credentials for this kind of engine, the first existing one counts.
#[must_use]
pub fn files(kind: Kind, places: &Places) -> Vec<PathBuf> {
    let mut files = vec![];
    if kind.uses_auth_file() {
        files.extend(places.registry_auth_file.clone());
        files.extend(places.runtime.as_deref().map(|runtime| runtime.join("containers/auth.json")));
        files.extend(places.home.as_deref().map(|home| home.join(".config/containers/auth.json")));
    }
    let docker = Places { registry_auth_file: None, ..places.clone() };
    files.extend(directory(Kind::Docker, &docker).map(|directory| directory.join(FILE)));
    files.extend(places.home.as_deref().map(|home: &Path| home.join(".dockercfg")));
    files
}

/// Whether a credential helper answers for the registry, so that nobody needs to log in. `text`: a configuration file.
#[must_use]
pub fn helper_answers(text: &str, registry: &str) -> bool {
    let Ok(config) = serde_json::from_str::<Value>(text) else { return false };
    // A helper of the registry's own wins over the store for all.
    let helper = config.get("credHelpers").and_then(|helpers| helpers.get(registry));
    helper.or_else(|| config.get("credsStore")).and_then(Value::as_str) == Some(ECR_HELPER)
}

/// The configuration for the private directory: the user's, changed so that the engine keeps the registry's password in the
/// file itself and not in a keychain. `text`: the user's file; empty without one.
///
/// None when the user's file is no JSON object: then it is better left to the engine to say what it thinks of it.
#[must_use]
pub fn private(kind: Kind, text: &str, registry: &str) -> Option<String> {
    let mut config: Map<String, Value> =
        if text.trim().is_empty() { Map::new() } else { serde_json::from_str(text).ok()? };
    // A file of the early format (`.dockercfg`) is the list of credentials itself.
    if !config.is_empty()
        && !config.contains_key("auths")
        && config.values().all(|value| value.get("auth").is_some())
    {
        config = Map::from_iter([("auths".to_owned(), Value::Object(config))]);
    }
    let helpers = config.entry("credHelpers").or_insert_with(|| Value::Object(Map::new()));
    let helpers = helpers.as_object_mut()?;
    if kind.uses_auth_file() {
        helpers.remove(registry);
    } else {
        // An empty name is docker's own file, also where a store is set for all others.
        helpers.insert(registry.to_owned(), Value::from(""));
    }
    serde_json::to_string_pretty(&config).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

    #[test]
    fn a_helper_for_ecr_answers() {
        for (text, want) in [
            (r#"{"credsStore": "ecr-login"}"#.to_owned(), true),
            (format!(r#"{{"credHelpers": {{"{REGISTRY}": "ecr-login"}}}}"#), true),
            (format!(r#"{{"credsStore": "ecr-login", "credHelpers": {{"{REGISTRY}": "desktop"}}}}"#), false),
            (r#"{"credHelpers": {"other": "ecr-login"}, "credsStore": "desktop"}"#.to_owned(), false),
            ("{}".to_owned(), false),
            ("nonsense".to_owned(), false),
        ] {
            assert_eq!(helper_answers(&text, REGISTRY), want, "{text}");
        }
    }

    #[test]
    fn the_private_configuration_keeps_everything_else() {
        let user = r#"{"auths": {"ghcr.io": {"auth": "eA=="}}, "credsStore": "desktop", "currentContext": "colima"}"#;
        let config: Value = serde_json::from_str(&private(Kind::Docker, user, REGISTRY).unwrap()).unwrap();
        assert_eq!(config["credHelpers"][REGISTRY], "");
        assert_eq!(config["credsStore"], "desktop");
        assert_eq!(
            (&config["currentContext"], &config["auths"]["ghcr.io"]["auth"]),
            (&"colima".into(), &"eA==".into())
        );
        let podman: Value = serde_json::from_str(&private(Kind::Podman, "", REGISTRY).unwrap()).unwrap();
        assert_eq!(podman["credHelpers"], Value::Object(Map::new()));
        let early = private(Kind::Docker, r#"{"ghcr.io": {"auth": "eA=="}}"#, REGISTRY).unwrap();
        assert!(serde_json::from_str::<Value>(&early).unwrap()["auths"]["ghcr.io"].is_object(), "{early}");
        assert_eq!(private(Kind::Docker, "[1]", REGISTRY), None);
        assert_eq!(private(Kind::Docker, "nonsense", REGISTRY), None);
    }

    #[test]
    fn files_are_looked_for_where_each_engine_has_them() {
        let places = Places { home: Some("/h".into()), runtime: Some("/run/u".into()), ..Places::default() };
        assert_eq!(
            files(Kind::Docker, &places),
            [Path::new("/h/.docker/config.json"), Path::new("/h/.dockercfg")]
        );
        assert_eq!(files(Kind::Podman, &places)[0], Path::new("/run/u/containers/auth.json"));
        assert_eq!(directory(Kind::Podman, &places), None);
        let moved = Places { docker_config: Some("/d".into()), ..places };
        assert_eq!(directory(Kind::Docker, &moved), Some("/d".into()));
        assert_eq!(files(Kind::Docker, &moved)[0], Path::new("/d/config.json"));
    }
}
