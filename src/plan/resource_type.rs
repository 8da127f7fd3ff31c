//! What the types of CloudFormation's resources say of replacement.
//!
//! `resource-types.txt` is made by `scripts/resource-types` from the schemas that AWS publishes (the keys
//! `createOnlyProperties` and `conditionalCreateOnlyProperties` of the CloudFormation registry): a line per type, sorted, with
//! the properties whose change makes CloudFormation make a new resource and delete the old one, those with `?` only in some
//! cases. A type without such properties has no line.

use serde::Serialize;

/// The table.
const TABLE: &str = include_str!("resource-types.txt");

/// What a change of a property does to its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It is changed in place.
    Update,
    /// It may be replaced: AWS decides from the values.
    MayReplace,
    /// It is replaced: a new resource is made and the old one is deleted.
    Replace,
}

/// The properties of a resource type that can't be changed in place, as paths such as `Name` or `KeySchema.*.Name` (`*`: an
/// element of a list), each with what its change does.
pub fn create_only(resource_type: &str) -> impl Iterator<Item = (&'static str, Effect)> + use<> {
    row(resource_type)
        .unwrap_or_default()
        .split(' ')
        .filter(|path| !path.is_empty())
        .map(|path| path.strip_prefix('?').map_or((path, Effect::Replace), |path| (path, Effect::MayReplace)))
}

/// What a change at `path` does to a resource of a type. `path` names the property that changed, its parts in order; list
/// elements are named by their index or by `*`.
#[must_use]
pub fn effect<S: AsRef<str>>(resource_type: &str, path: &[S]) -> Effect {
    let touches = |pattern: &str| {
        // A change of the whole block changes what lies in it, and a change in a block that is create-only changes the block.
        pattern
            .split('.')
            .zip(path)
            .all(|(expected, part)| expected == "*" || part.as_ref() == "*" || expected == part.as_ref())
    };
    create_only(resource_type)
        .filter(|(pattern, _)| touches(pattern))
        .map(|(_, effect)| effect)
        .max()
        .unwrap_or(Effect::Update)
}

/// The properties in the line of a type; found by bisection, since most commands ask for a few of 1,400 types.
fn row(resource_type: &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, TABLE.len());
    while low < high {
        let middle = (low + high) / 2;
        let start = TABLE[..middle].rfind('\n').map_or(0, |at| at + 1);
        let end = TABLE[middle..].find('\n').map_or(TABLE.len(), |at| middle + at);
        let (name, properties) = TABLE[start..end].split_once(' ').unwrap_or((&TABLE[start..end], ""));
        match name.cmp(resource_type) {
            std::cmp::Ordering::Equal => return Some(properties),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_line_is_found() {
        let names: Vec<&str> = TABLE.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(names.len() > 1000, "{}", names.len());
        assert!(names.is_sorted());
        assert!(names.iter().all(|name| row(name).is_some_and(|row| !row.is_empty())));
        assert!(row("AWS::ECS::Servic").is_none() && row("").is_none() && row("Zzz::Y::X").is_none());
    }

    #[test]
    fn effects_are_those_of_the_schemas() {
        for (resource_type, path, expected) in [
            ("AWS::ECS::Service", vec!["ServiceName"], Effect::Replace),
            ("AWS::ECS::Service", vec!["LaunchType"], Effect::MayReplace),
            ("AWS::ECS::Service", vec!["DesiredCount"], Effect::Update),
            ("AWS::EFS::AccessPoint", vec!["PosixUser", "Uid"], Effect::Replace),
            ("AWS::EFS::AccessPoint", vec!["PosixUser"], Effect::Replace),
            ("AWS::ElasticLoadBalancingV2::TargetGroup", vec!["Port"], Effect::Replace),
            ("AWS::ElasticLoadBalancingV2::TargetGroup", vec!["HealthCheckPort"], Effect::Update),
            (
                "AWS::SSMQuickSetup::ConfigurationManager",
                vec!["ConfigurationDefinitions", "0", "Type"],
                Effect::Replace,
            ),
            (
                "AWS::SSMQuickSetup::ConfigurationManager",
                vec!["ConfigurationDefinitions", "0", "Parameters"],
                Effect::Update,
            ),
            ("Custom::Anything", vec!["Name"], Effect::Update),
        ] {
            assert_eq!(effect(resource_type, &path), expected, "{resource_type} {path:?}");
        }
    }
}
