//! What the policies of a role in a template allow, by the names of actions alone.

use serde_json::Value;

/// Whether the role, a resource of a template, may be allowed the action on something. Resources and conditions do not count,
/// and of alternatives ([`Fn::If`](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html))
/// all do; a role with managed policies may be allowed anything.
#[must_use]
pub fn may_allow(role: &Value, action: &str) -> bool {
    let properties = &role["Properties"];
    let managed = properties["ManagedPolicyArns"].as_array().is_some_and(|arns| !arns.is_empty());
    managed || statement_allows(&properties["Policies"], action)
}

/// Whether a statement somewhere below allows the action.
fn statement_allows(value: &Value, action: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| statement_allows(item, action)),
        Value::Object(fields) if fields.get("Effect").and_then(Value::as_str) == Some("Allow") => {
            match (fields.get("Action"), fields.get("NotAction")) {
                (Some(patterns), _) => names(patterns, action),
                (None, Some(patterns)) => !names(patterns, action),
                (None, None) => false,
            }
        }
        Value::Object(fields) => fields.values().any(|item| statement_allows(item, action)),
        _ => false,
    }
}

/// Whether one of the patterns, or the only one, names the action.
fn names(patterns: &Value, action: &str) -> bool {
    match patterns {
        Value::String(pattern) => matches(&pattern.to_lowercase(), &action.to_lowercase()),
        Value::Array(items) => items.iter().any(|item| names(item, action)),
        Value::Object(fields) => fields.values().any(|item| names(item, action)),
        _ => false,
    }
}

/// Whether a text is of a pattern: `*` stands for any characters, `?` for one.
fn matches(pattern: &str, text: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return text.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    match first {
        '*' => text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| matches(rest, &text[at..])),
        _ => {
            let Some(next) = text.chars().next() else { return false };
            (first == '?' || first == next) && matches(rest, &text[next.len_utf8()..])
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn actions_are_found_wherever_they_are_allowed() {
        let role = json!({"Properties": {"Policies": [{"PolicyName": "root", "PolicyDocument": {"Statement": [
            {"Effect": "Allow", "Action": ["ecs:Describe*", "ECS:Listtask?"], "Resource": "*"},
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
            {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
            {"Fn::If": ["Domain", {"Effect": "Allow", "Action": "route53:GetChange"}, {"Ref": "AWS::NoValue"}]},
        ]}}]}});
        let allowed: Vec<&str> = [
            "ecs:DescribeTasks",
            "ecs:ListTasks",
            "ecs:ListTask",
            "ecs:RunTask",
            "sts:AssumeRole",
            "s3:GetObject",
            "route53:GetChange",
        ]
        .into_iter()
        .filter(|action| may_allow(&role, action))
        .collect();
        assert_eq!(allowed, ["ecs:DescribeTasks", "ecs:ListTasks", "sts:AssumeRole", "route53:GetChange"]);
    }

    #[test]
    fn what_is_not_refused_is_allowed_by_a_negated_list() {
        let role = json!({"Properties": {"Policies": {"PolicyDocument": {"Statement":
            {"Effect": "Allow", "NotAction": ["organizations:*"], "Resource": "*"}}}}});
        assert!(may_allow(&role, "ecs:RunTask"));
        assert!(!may_allow(&role, "organizations:LeaveOrganization"));
    }

    #[test]
    fn managed_policies_may_allow_anything() {
        let role = json!({"Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/x"]}});
        assert!(may_allow(&role, "ecs:RunTask"));
        assert!(!may_allow(&json!({"Properties": {}}), "ecs:RunTask"));
    }
}
