//! Which names an application may use, and what they are called by default.

use crate::name::{AppName, EnvName, WorkloadName};

/// Domain of an application: `<app>.<domain>`.
#[must_use]
pub fn of_app(app: &AppName, domain: &str) -> String {
    format!("{app}.{domain}")
}

/// Domain of an environment: `<env>.<app>.<domain>`.
#[must_use]
pub fn of_environment(app: &AppName, env: &EnvName, domain: &str) -> String {
    format!("{env}.{app}.{domain}")
}

/// Default name of a service's network load balancer: `<svc>-nlb.<env>.<app>.<domain>`.
#[must_use]
pub fn of_network_balancer(service: &WorkloadName, app: &AppName, env: &EnvName, domain: &str) -> String {
    format!("{service}-nlb.{}", of_environment(app, env, domain))
}

/// Names of an environment's certificate, the main one first: its domain, everything one label below it, and the aliases of
/// its services. The order and the names are Copilot's, so that its certificates are found and kept.
#[must_use]
pub fn of_certificate(domain: &str, aliases: impl IntoIterator<Item = String>) -> Vec<String> {
    with_others(vec![domain.to_owned(), format!("*.{domain}")], aliases)
}

/// `names` and those of `others` that are not among them.
#[must_use]
pub fn with_others(mut names: Vec<String>, others: impl IntoIterator<Item = String>) -> Vec<String> {
    for name in others {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether a text can be the domain of an application: at least two labels of letters, digits and inner hyphens.
#[must_use]
pub fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 200 && text.contains('.') && text.split('.').all(label)
}

/// Whether a service of the environment may have the alias: the environment's, the application's or the root domain, or one
/// label below one of them.
#[must_use]
pub fn is_alias(alias: &str, app: &AppName, env: &EnvName, domain: &str) -> bool {
    let alias = alias.to_ascii_lowercase();
    let domains = [of_environment(app, env, domain), of_app(app, domain), domain.to_owned()];
    domains.iter().any(|domain| match alias.strip_suffix(domain.as_str()) {
        Some("") => true,
        Some(rest) => rest.strip_suffix('.').is_some_and(|label| !label.is_empty() && !label.contains('.')),
        None => false,
    })
}

/// Whether a service on App Runner may have the host name: one label below the root domain, and not the application's domain.
#[must_use]
pub fn is_association(alias: &str, app: &AppName, domain: &str) -> bool {
    let label = alias.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.'));
    label.is_some_and(|label| !label.is_empty() && !label.contains('.') && label != app.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> AppName {
        AppName::new("shop").unwrap()
    }

    fn env() -> EnvName {
        EnvName::new("test").unwrap()
    }

    #[test]
    fn domains_have_two_labels() {
        for (text, fits) in [
            ("example.com", true),
            ("a-1.example.co.uk", true),
            ("example", false),
            ("example.com.", false),
            (".example.com", false),
            ("-a.example.com", false),
            ("Example.com", false),
            ("exa_mple.com", false),
            ("*.example.com", false),
            ("", false),
        ] {
            assert_eq!(is_domain(text), fits, "{text}");
        }
    }

    #[test]
    fn aliases_are_at_most_one_label_below_a_domain() {
        for (alias, fits) in [
            ("example.com", true),
            ("www.example.com", true),
            ("a.www.example.com", false),
            ("shop.example.com", true),
            ("v1.shop.example.com", true),
            ("test.shop.example.com", true),
            ("v1.test.shop.example.com", true),
            ("v2.v1.test.shop.example.com", false),
            // The zone of another environment.
            ("v1.prod.shop.example.com", false),
            ("notexample.com", false),
            ("example.org", false),
            (".example.com", false),
            ("WWW.Example.com", true),
        ] {
            assert_eq!(is_alias(alias, &app(), &env(), "example.com"), fits, "{alias}");
        }
    }

    #[test]
    fn a_service_on_app_runner_is_one_label_below_the_root_domain() {
        for (alias, fits) in [
            ("web.example.com", true),
            ("test.example.com", true),
            ("example.com", false),
            ("shop.example.com", false),
            ("web.shop.example.com", false),
            ("web.test.shop.example.com", false),
            ("webexample.com", false),
            ("web.example.org", false),
        ] {
            assert_eq!(is_association(alias, &app(), "example.com"), fits, "{alias}");
        }
    }

    #[test]
    fn a_certificate_names_each_name_once() {
        let names = of_certificate(
            "test.shop.example.com",
            ["www.example.com", "test.shop.example.com", "www.example.com"].map(str::to_owned),
        );
        assert_eq!(names, ["test.shop.example.com", "*.test.shop.example.com", "www.example.com"]);
    }
}
