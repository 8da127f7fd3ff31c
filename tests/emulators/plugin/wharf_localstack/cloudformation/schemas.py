"""What the schemas of resource types say: identifiers, properties that replace, tags.

``schemas.json`` holds, per type, the parts of AWS's public resource schemas that the engine reads (as cfn-lint ships them).
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Schema:
    type: str
    id: tuple[str, ...] = ()
    properties: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    #: A change of one of these replaces the resource.
    create_only: frozenset[str] = frozenset()
    #: A change of one of these may replace it.
    conditional: frozenset[str] = frozenset()
    #: Property that holds the tags, and whether it is a map instead of a list.
    tags: str = ""
    tag_map: bool = False

    @property
    def physical_name(self) -> str:
        """The property with the name a user may give; empty when there is none."""
        name = NAMES.get(self.type) or (self.id[0] if len(self.id) == 1 else "")
        return name if name in self.create_only else ""


#: Types whose identifier is not the name that users may give.
NAMES = {
    "AWS::ECS::Service": "ServiceName",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "Name",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "Name",
    "AWS::EC2::SecurityGroup": "GroupName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::SNS::Topic": "TopicName",
}

_TAGS_IN_PLACE_OF_SCHEMA = {"AWS::EFS::AccessPoint": "AccessPointTags"}


@cache
def _table() -> dict[str, dict[str, Any]]:
    return json.loads(files(__package__).joinpath("schemas.json").read_text())


@cache
def schema(resource_type: str) -> Schema:
    """The schema, empty for a type that we have none of."""
    entry = _table().get(resource_type, {})
    return Schema(
        type=resource_type,
        id=tuple(entry.get("id", ())),
        properties=frozenset(entry.get("properties", ())),
        required=tuple(entry.get("required", ())),
        create_only=frozenset(entry.get("createOnly", ())),
        conditional=frozenset(entry.get("conditional", ())),
        tags=entry.get("tags") or _TAGS_IN_PLACE_OF_SCHEMA.get(resource_type, ""),
        tag_map=entry.get("tagMap", False),
    )
