//! Stacks of services: a good spread of them as snapshots, each clean in cfn-lint.

#[path = "support/lint.rs"]
mod lint;
mod models;

use models::{Case, spread};

fn rendered(case: &Case) -> String {
    let stack = case.stack().unwrap_or_else(|error| panic!("{}: {error}", case.name));
    format!("{}\n---\n{}\n", stack.template_yaml().trim_end(), stack.parameters_json())
}

#[test]
fn templates_read_like_this() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden/service");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"Version: v[0-9.]+", "Version: [version]");
    settings.bind(|| {
        for case in spread() {
            insta::assert_snapshot!(case.name, rendered(&case));
        }
    });
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for (first, second) in spread().iter().zip(&spread()) {
        assert_eq!(rendered(first), rendered(second));
    }
}

#[test]
fn what_is_written_reads_back() {
    for case in spread() {
        let stack = case.stack().unwrap();
        assert_eq!(wharf::yaml::template::parse(&stack.template_yaml()), Ok(stack.template), "{}", case.name);
    }
}

#[test]
fn templates_are_clean_in_cfn_lint() {
    let cases = spread();
    lint::lint(cases.iter().map(|case| (case.name, case.stack().unwrap().template_yaml())));
}
