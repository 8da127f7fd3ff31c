//! What every stack of an application carries: the permissions boundary at its roles, the application's tags, and a version
//! that keeps an old Copilot away.

use wharf::facts::App;
use wharf::stack::Stack;

/// Gives an application what its stacks are to carry.
pub fn asked(app: &mut App) {
    app.permissions_boundary = "bounds".to_owned();
    app.tags.insert("team".to_owned(), "storefront".to_owned());
}

/// Checks a stack of an application that was given to [`asked`]. `version` is the key of the template's metadata in which
/// Copilot looks for the version that it compares with its own; a higher one it does not overwrite. Returns the number of
/// roles.
pub fn check(name: &str, stack: &Stack, version: &str) -> usize {
    assert_eq!(stack.tags.get("team").map(String::as_str), Some("storefront"), "{name}");
    assert_eq!(stack.tags.get("copilot-application").map(String::len), Some(4), "{name}");
    let written = stack.template["Metadata"][version].as_str().unwrap_or_default();
    let parts: Vec<u32> =
        written.trim_start_matches('v').split('.').filter_map(|part| part.parse().ok()).collect();
    assert!(
        written.starts_with('v') && parts.len() == 3 && parts[0] >= 2,
        "{name}: {version} is {written:?}"
    );
    let resources = stack.template["Resources"].as_object().unwrap();
    let roles = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role");
    let mut count = 0;
    for (id, role) in roles {
        let boundary = role["Properties"]["PermissionsBoundary"].to_string();
        assert!(
            boundary.contains(":policy/") && boundary.contains("bounds"),
            "{name}: {id} has the boundary {boundary}"
        );
        count += 1;
    }
    count
}
