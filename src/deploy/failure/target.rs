//! Targets a load balancer found unhealthy: what its health check got, and where the program listens instead.

use super::task::short;
use super::{Cause, Evidence, FailedService, UnhealthyTarget};

/// The target of a service that was seen unhealthy last; where none is left, what ECS's messages say of one.
pub(super) fn last(service: &FailedService) -> Option<UnhealthyTarget> {
    service.targets.last().cloned().or_else(|| service.messages.iter().rev().find_map(|text| message(text)))
}

/// ECS: "(port 8080) is unhealthy in (target-group arn:…) due to (reason Health checks failed with these codes: [500])".
fn message(text: &str) -> Option<UnhealthyTarget> {
    let (front, reason) = text.split_once("due to (reason ")?;
    if !front.contains("is unhealthy in") {
        return None;
    }
    let port = front.split_once("(port ").and_then(|(_, rest)| rest.split_once(')')?.0.parse().ok());
    Some(UnhealthyTarget {
        target: "a task".into(),
        port: port.unwrap_or_default(),
        description: reason.trim_end_matches(['.', ')']).to_owned(),
        ..UnhealthyTarget::default()
    })
}

/// Targets that never became healthy, without a task that tells more.
pub(super) fn targets(evidence: &Evidence) -> Option<Cause> {
    let (service, target) = evidence.services.iter().find_map(|service| Some((service, last(service)?)))?;
    let logs = evidence.tasks.iter().flat_map(|task| &task.containers).flat_map(|container| &container.logs);
    Some(explain(short(&service.name), &target, logs))
}

/// Why a target is unhealthy. `logs`: what the containers of its task wrote last.
pub(super) fn explain<'a>(
    service: &str,
    target: &UnhealthyTarget,
    logs: impl Iterator<Item = &'a String>,
) -> Cause {
    let path = if target.path.is_empty() { "the health check path" } else { target.path.as_str() };
    let port = target.port;
    let fact = match target.reason.as_str() {
        "" => format!("{}, port {port}: {}", target.target, target.description),
        code => format!("{}:{port}: {} ({code})", target.target, target.description),
    };
    let codes = target.description.split_once("codes: [").and_then(|(_, rest)| rest.split_once([']', ')']));
    if let Some((codes, _)) = codes {
        let expected = match target.expected.as_str() {
            "" => String::new(),
            expected => format!(" instead of {expected}"),
        };
        let headline =
            format!("the load balancer's health check of {service} got {codes} from {path}{expected}");
        return Cause::new("health_check_code", headline).detail(fact);
    }
    let timeout = target.reason == "Target.Timeout" || target.description.contains("timed out");
    let listens = logs.filter_map(|line| Some((listening_port(line)?, is_local(line)))).last();
    let (code, headline) = match listens {
        Some((listens, _)) if listens != port && port != 0 => (
            "port",
            format!("{service} listens on port {listens}, but the load balancer asks at port {port}"),
        ),
        Some((listens, true)) => (
            "port_local",
            format!("{service} listens on localhost:{listens} only, where the load balancer can't reach it"),
        ),
        Some((listens, false)) if !timeout => (
            "grace_period",
            format!(
                "{service} began to listen on port {listens} too late for the load balancer's health check"
            ),
        ),
        _ if timeout => (
            "health_check_timeout",
            format!("the load balancer's health check of {service} got no answer in time at port {port}"),
        ),
        _ => (
            "health_check_no_answer",
            format!(
                "nothing answers the load balancer's health check of {service} at port {port}: the connection is refused"
            ),
        ),
    };
    Cause::new(code, headline).detail(fact)
}

/// Whether a line that names where a server listens names an address that only its own container reaches.
fn is_local(line: &str) -> bool {
    ["127.0.0.1", "[::1]"].iter().any(|address| line.contains(address)) && !line.contains("0.0.0.0")
}

/// The port a line such as `Server listening on http://0.0.0.0:3000` names.
fn listening_port(line: &str) -> Option<u16> {
    let lower = line.to_lowercase();
    let mark = [
        "listening",
        "running on",
        "running at",
        "started on",
        "serving on",
        "bound to",
        "started server on",
    ]
    .iter()
    .find_map(|word| lower.find(word).map(|at| at + word.len()))?;
    let rest = lower.get(mark..)?;
    let number = |text: &str| -> Option<u16> {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok().filter(|&port| port > 0)
    };
    // After `port`, or after the last colon that a number follows, as in `http://0.0.0.0:3000/`.
    if let Some((_, after)) = rest.split_once("port") {
        let after = after.trim_start_matches([' ', ':', '=', '"', '\'', '(']);
        if let Some(port) = number(after) {
            return Some(port);
        }
    }
    rest.match_indices(':').filter_map(|(at, _)| number(rest.get(at + 1..)?)).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_from_what_servers_print() {
        for (line, port) in [
            ("Server listening on http://0.0.0.0:3000", Some(3000)),
            ("Example app listening at http://localhost:3000/", Some(3000)),
            ("2026-01-02T03:04:05 INFO  Listening on port 8081", Some(8081)),
            (" * Running on http://127.0.0.1:5000/ (Press CTRL+C to quit)", Some(5000)),
            ("Tomcat started on port(s): 9090 (http) with context path ''", None),
            ("listening", None),
            ("GET /healthz 200", None),
        ] {
            assert_eq!(listening_port(line), port, "{line}");
        }
    }

    #[test]
    fn messages_of_the_service_tell_what_the_check_got() {
        let text = "(port 8080) is unhealthy in (target-group arn:aws:t) due to (reason Health checks failed with these codes: [500]).";
        let target = message(text).unwrap();
        assert_eq!(target.port, 8080);
        assert_eq!(explain("api", &target, [].iter()).code, "health_check_code");
        assert_eq!(message("has reached a steady state."), None);
        assert_eq!(
            message("is unhealthy in (target-group t) due to (reason Request timed out)")
                .unwrap()
                .description,
            "Request timed out"
        );
    }

    #[test]
    fn local_addresses() {
        assert!(is_local("listening on http://127.0.0.1:8080"));
        assert!(!is_local("listening on 0.0.0.0:8080 (try http://127.0.0.1:8080)"));
        // Many servers print localhost whatever they are bound to.
        assert!(!is_local("Example app listening at http://localhost:3000/"));
    }
}
