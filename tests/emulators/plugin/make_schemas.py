"""Makes wharf_localstack/cloudformation/schemas.json from the resource schemas that cfn-lint ships.

target/emulators/venv/bin/python tests/emulators/plugin/make_schemas.py
"""

import importlib.util
import json
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

PREFIXES = (
    "AWS::AppRunner::", "AWS::ApplicationAutoScaling::", "AWS::CertificateManager::", "AWS::CloudFormation::", "AWS::CloudFront::",
    "AWS::CloudWatch::", "AWS::CodeBuild::", "AWS::CodePipeline::", "AWS::CodeStarConnections::", "AWS::DynamoDB::Table",
    "AWS::EC2::EIP", "AWS::EC2::FlowLog", "AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::Route",
    "AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::VPC", "AWS::ECR::", "AWS::ECS::", "AWS::EFS::",
    "AWS::ElasticLoadBalancingV2::", "AWS::Events::Rule", "AWS::IAM::", "AWS::KMS::", "AWS::Lambda::", "AWS::Logs::", "AWS::RDS::",
    "AWS::Route53::", "AWS::S3::Bucket", "AWS::SNS::", "AWS::SQS::", "AWS::SSM::Parameter", "AWS::SecretsManager::",
    "AWS::ServiceDiscovery::", "AWS::StepFunctions::",
)  # fmt: skip


def name(pointer: str) -> str:
    return pointer.removeprefix("/properties/")


def entry(schema: dict[str, Any]) -> dict[str, Any]:
    tagging = schema.get("tagging") or {}
    tags = name(tagging.get("tagProperty") or "/properties/Tags").split("/")[0]
    taggable = tagging.get("taggable", schema.get("taggable", True)) and tags in schema["properties"]

    def top(key: str) -> list[str]:
        return sorted(n for n in map(name, schema.get(key) or []) if "/" not in n)

    result = {
        "id": [name(p) for p in schema["primaryIdentifier"]],
        "properties": sorted(schema["properties"]),
        "required": schema.get("required") or [],
        "createOnly": top("createOnlyProperties"),
        "conditional": top("conditionalCreateOnlyProperties"),
        "readOnly": [name(p) for p in schema.get("readOnlyProperties") or []],
    }
    if taggable:
        definition = schema["properties"][tags]
        while "$ref" in definition:
            found: Any = schema
            for part in definition["$ref"].split("/")[1:]:
                found = found[part]
            definition = found
        result |= {"tags": tags, "tagMap": definition.get("type") == "object"}
    return {k: v for k, v in result.items() if v}


def main() -> None:
    data = Path(str(distribution("cfn-lint").locate_file("cfnlint/data/schemas")))
    spec = importlib.util.spec_from_file_location("types", data / "providers" / "us_east_1.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lines = []
    for resource_type, digest in sorted(module.types.items()):
        if resource_type.startswith(PREFIXES):
            schema = json.loads((data / "resources" / f"{digest}.json").read_text())
            lines.append(f" {json.dumps(resource_type)}: {json.dumps(entry(schema))}")
    target = Path(__file__).parent / "wharf_localstack" / "cloudformation" / "schemas.json"
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
