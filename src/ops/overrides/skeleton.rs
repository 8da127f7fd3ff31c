//! The texts of new overrides.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A resource of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its logical id.
    pub id: String,
    /// Its type, such as `AWS::ECS::Service`.
    pub kind: String,
}

/// Files by their paths below the folder of overrides.
type Files = Vec<(&'static str, String)>;

/// Patches: a file with comments alone, which changes nothing yet.
pub(super) fn patches() -> Files {
    vec![
        ("cfn.patches.yml", include_str!("../../../templates/overrides/patches/cfn.patches.yml").to_owned()),
        ("README.md", include_str!("../../../templates/overrides/patches/README.md").to_owned()),
    ]
}

/// A CDK application with a method for each of `resources`.
pub(super) fn cdk(resources: &[Resource], pipeline: bool) -> Files {
    let mut program = include_str!("../../../templates/overrides/cdk/override.ts").to_owned();
    if pipeline {
        // A pipeline belongs to no environment.
        program = program.replace("  env: process.env.COPILOT_ENVIRONMENT_NAME ?? '',\n", "");
    }
    vec![
        ("stack.ts", stack(resources, pipeline)),
        ("bin/override.ts", program),
        ("cdk.json", include_str!("../../../templates/overrides/cdk/cdk.json").to_owned()),
        ("package.json", include_str!("../../../templates/overrides/cdk/package.json").to_owned()),
        ("tsconfig.json", include_str!("../../../templates/overrides/cdk/tsconfig.json").to_owned()),
        (".gitignore", include_str!("../../../templates/overrides/cdk/gitignore").to_owned()),
        ("README.md", include_str!("../../../templates/overrides/cdk/README.md").to_owned()),
    ]
}

/// Where the CDK keeps the class of a resource type.
struct Class {
    /// Module of `aws-cdk-lib`, and what it is called in the program; none for the library itself.
    module: Option<(String, String)>,
    /// The class with its module, such as `ecs.CfnService`.
    name: String,
}

/// The class of a type: `AWS::ECS::Service` is `CfnService` of `aws-cdk-lib/aws-ecs`.
fn class(kind: &str) -> Class {
    let generic = || Class { module: None, name: "cdk.CfnResource".to_owned() };
    let parts: Vec<&str> = kind.split("::").collect();
    let [provider, service, resource] = parts[..] else { return generic() };
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    match provider {
        "AWS" if service == "CloudFormation" && plain(resource) => {
            Class { module: None, name: format!("cdk.Cfn{resource}") }
        }
        "AWS" if plain(service) && plain(resource) => {
            let alias = service.to_ascii_lowercase();
            Class { name: format!("{alias}.Cfn{resource}"), module: Some((format!("aws-{alias}"), alias)) }
        }
        _ => generic(),
    }
}

fn stack(resources: &[Resource], pipeline: bool) -> String {
    let classes: Vec<(&Resource, Class)> =
        resources.iter().map(|resource| (resource, class(&resource.kind))).collect();
    let modules: BTreeSet<&(String, String)> =
        classes.iter().filter_map(|(_, class)| class.module.as_ref()).collect();
    let mut text = String::from("import * as cdk from 'aws-cdk-lib';\n");
    for (module, alias) in modules {
        let _ = writeln!(text, "import * as {alias} from 'aws-cdk-lib/{module}';");
    }
    text.push_str("import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';\nimport { Construct } from 'constructs';\n");
    text.push_str("\n/** What the template is for. */\nexport interface Target {\n  app: string;\n");
    if !pipeline {
        text.push_str("  env: string;\n");
    }
    text.push_str(
        "}\n\n/** The rendered template with our changes. */\nexport class OverrideStack extends cdk.Stack {\n  \
         private readonly template: CfnInclude;\n\n  \
         constructor(scope: Construct, id: string, private readonly target: Target) {\n    super(scope, id);\n    \
         this.template = new CfnInclude(this, 'Template', { templateFile: '.build/in.yml' });\n",
    );
    for (resource, _) in &classes {
        let _ = writeln!(text, "    this.change{}();", resource.id);
    }
    if classes.is_empty() {
        text.push_str("    // const resource = this.template.getResource('LogicalId');\n");
    }
    text.push_str("  }\n");
    for (Resource { id, kind }, Class { name, .. }) in &classes {
        let _ = write!(
            text,
            "\n  /** {kind} */\n  private change{id}(): void {{\n    \
             const resource = this.template.getResource('{id}') as {name};\n    \
             // Set properties of `resource` here.\n  }}\n"
        );
    }
    text.push_str("}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(id: &str, kind: &str) -> Resource {
        Resource { id: id.to_owned(), kind: kind.to_owned() }
    }

    #[test]
    fn classes_follow_the_types() {
        for (kind, module, name) in [
            ("AWS::ECS::Service", Some("aws-ecs"), "ecs.CfnService"),
            (
                "AWS::ElasticLoadBalancingV2::TargetGroup",
                Some("aws-elasticloadbalancingv2"),
                "elasticloadbalancingv2.CfnTargetGroup",
            ),
            ("AWS::CloudFormation::Stack", None, "cdk.CfnStack"),
            ("Custom::Thing", None, "cdk.CfnResource"),
            ("AWS::S3::Bucket'; evil('", None, "cdk.CfnResource"),
            ("", None, "cdk.CfnResource"),
        ] {
            let class = class(kind);
            assert_eq!(class.module.as_ref().map(|(module, _)| module.as_str()), module, "{kind}");
            assert_eq!(class.name, name, "{kind}");
        }
    }

    #[test]
    fn every_resource_has_its_method() {
        let resources =
            [resource("Service", "AWS::ECS::Service"), resource("AddonsStack", "AWS::CloudFormation::Stack")];
        insta::assert_snapshot!(stack(&resources, false), @r"
        import * as cdk from 'aws-cdk-lib';
        import * as ecs from 'aws-cdk-lib/aws-ecs';
        import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
        import { Construct } from 'constructs';

        /** What the template is for. */
        export interface Target {
          app: string;
          env: string;
        }

        /** The rendered template with our changes. */
        export class OverrideStack extends cdk.Stack {
          private readonly template: CfnInclude;

          constructor(scope: Construct, id: string, private readonly target: Target) {
            super(scope, id);
            this.template = new CfnInclude(this, 'Template', { templateFile: '.build/in.yml' });
            this.changeService();
            this.changeAddonsStack();
          }

          /** AWS::ECS::Service */
          private changeService(): void {
            const resource = this.template.getResource('Service') as ecs.CfnService;
            // Set properties of `resource` here.
          }

          /** AWS::CloudFormation::Stack */
          private changeAddonsStack(): void {
            const resource = this.template.getResource('AddonsStack') as cdk.CfnStack;
            // Set properties of `resource` here.
          }
        }
        ");
    }

    #[test]
    fn a_pipeline_has_no_environment() {
        for (name, text) in cdk(&[], true) {
            assert!(
                name == "README.md" || !text.contains("ENVIRONMENT") && !text.contains("env:"),
                "{name}\n{text}"
            );
        }
        assert!(stack(&[], false).contains("env: string"));
    }

    /// The skeleton changes nothing until somebody writes a patch.
    #[test]
    fn new_patches_are_none() {
        assert_eq!(crate::stack::patch::read(&patches()[0].1).unwrap(), []);
    }
}
