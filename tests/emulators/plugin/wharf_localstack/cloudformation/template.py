"""Templates: parsing, validation, parameters, conditions and intrinsic functions."""

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from wharf_localstack.aws import Json, error
from wharf_localstack.cloudformation.schemas import schema

NO_VALUE = object()
PSEUDO = {
    "AWS::AccountId", "AWS::NotificationARNs", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackId",
    "AWS::StackName", "AWS::URLSuffix",
}  # fmt: skip
_SUB = re.compile(r"\$\{(?P<literal>!)?\s*(?P<name>[^}]*?)\s*\}")
_RESOLVE = re.compile(r"\{\{resolve:(?P<service>ssm|ssm-secure|secretsmanager):(?P<reference>[^}]+)\}\}")


def invalid(message: str) -> Exception:
    return error("ValidationError", message)


@dataclass(frozen=True)
class Unknown:
    """A value that exists only once its resource was made or changed."""

    resource: str
    attribute: str = ""

    def __str__(self) -> str:
        return "{{changeSet:KNOWN_AFTER_APPLY}}"


def has_unknown(value: Any) -> Unknown | None:
    if isinstance(value, Unknown):
        return value
    items: Any = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((u for u in map(has_unknown, items) if u), None)


# --- parsing ---------------------------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags; timestamps stay text; a key may not come twice."""


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> Json:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = list(value.partition(".")[::2])
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


_Loader.add_multi_constructor("!", _tagged)  # type: ignore[no-untyped-call]
_Loader.yaml_implicit_resolvers = {
    k: [(tag, pattern) for tag, pattern in v if tag != "tag:yaml.org,2002:timestamp"]
    for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse(body: str) -> Json:
    """The template as a dictionary, in long form."""
    try:
        template = json.loads(body) if body.lstrip().startswith("{") else yaml.load(body, Loader=_Loader)
    except (ValueError, yaml.YAMLError) as e:
        where = getattr(e, "problem_mark", None)
        at = f" (line {where.line + 1}, column {where.column + 1})" if where else ""
        raise invalid(f"Template format error: YAML not well-formed.{at}") from e
    if not isinstance(template, dict):
        raise invalid("Template format error: unsupported structure.")
    return template


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every intrinsic function in a value: its name and argument."""
    if isinstance(value, dict):
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name in ("Ref", "Condition") or str(name).startswith("Fn::"):
                yield name, argument
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


def sub_names(argument: Any) -> Iterator[str]:
    """The names in Fn::Sub that are not its own variables."""
    text, own = argument if isinstance(argument, list) else (argument, {})
    for match in _SUB.finditer(text):
        if not match["literal"] and match["name"] not in own:
            yield match["name"]


def references(value: Any) -> set[str]:
    """The names that a value refers to (resources and parameters alike)."""
    names: set[str] = set()
    for name, argument in walk(value):
        if name == "Ref":
            names.add(str(argument))
        elif name == "Fn::GetAtt":
            names.add(argument.split(".")[0] if isinstance(argument, str) else str(argument[0]))
        elif name == "Fn::Sub":
            names.update(n.split(".")[0] for n in sub_names(argument))
    return names


def depends_on(resource: Json) -> list[str]:
    value = resource.get("DependsOn") or []
    return [value] if isinstance(value, str) else list(value)


def validate(template: Json) -> None:
    """What CloudFormation checks before it looks at any value."""
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise invalid("Template format error: At least one Resources member must be defined.")
    allowed = {
        "AWSTemplateFormatVersion", "Conditions", "Description", "Hooks", "Mappings", "Metadata", "Outputs", "Parameters",
        "Resources", "Rules", "Transform",
    }  # fmt: skip
    if unknown := sorted(set(template) - allowed):
        raise invalid(f"Invalid template property or properties [{', '.join(unknown)}]")
    parameters = template.get("Parameters") or {}
    conditions = template.get("Conditions") or {}
    for name, resource in resources.items():
        if not re.fullmatch(r"[A-Za-z0-9]+", str(name)):
            raise invalid(f"Template format error: Resource name {name} is non alphanumeric.")
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise invalid(f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member.")
        condition = resource.get("Condition")
        if condition is not None and condition not in conditions:
            raise invalid(
                f"Template format error: Unresolved condition dependency {condition} in the Resources block of the template"
            )
    for block in ("Resources", "Outputs"):
        missing = set()
        for entry in (template.get(block) or {}).values():
            body = {k: v for k, v in entry.items() if k not in ("Condition", "Metadata")} if isinstance(entry, dict) else entry
            missing |= references(body)
            missing |= set(depends_on(entry)) if block == "Resources" else set()
            for name, argument in walk(body):
                if name in ("Fn::If", "Condition"):
                    used = argument[0] if name == "Fn::If" else argument
                    if used not in conditions:
                        raise invalid(
                            f"Template format error: Unresolved condition dependency {used} in the {block} block of the template"
                        )
        missing -= set(resources) | set(parameters) | PSEUDO
        if missing:
            raise invalid(
                f"Template format error: Unresolved resource dependencies [{', '.join(sorted(missing))}] in the {block} block"
                " of the template"
            )


# --- parameters ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parameter:
    key: str
    #: As given (text); the default when none was given.
    value: str
    type: str = "String"
    no_echo: bool = False
    #: What an SSM parameter type stands for.
    resolved: str | None = None

    @property
    def effective(self) -> Any:
        text = self.resolved if self.resolved is not None else self.value
        if self.type == "CommaDelimitedList" or "List<" in self.type:
            return [item.strip() for item in text.split(",")] if text else []
        return text


def scalar(value: Any) -> str:
    """A scalar of a template as CloudFormation writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def bind_parameters(
    template: Json, given: list[Json], previous: dict[str, Parameter], ssm: Callable[[str], str]
) -> dict[str, Parameter]:
    """Parameter values for a template from a request and the values deployed before."""
    declared = template.get("Parameters") or {}
    unknown = [p["ParameterKey"] for p in given if p["ParameterKey"] not in declared]
    if unknown:
        raise invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    requested = {p["ParameterKey"]: p for p in given}
    result, missing = {}, []
    for name, declaration in declared.items():
        kind = declaration.get("Type", "String")
        request = requested.get(name, {})
        if request.get("UsePreviousValue"):
            if name not in previous:
                raise invalid(f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template")  # fmt: skip
            value = previous[name].value
        elif request.get("ParameterValue") is not None:
            value = request["ParameterValue"]
        elif "Default" in declaration:
            value = scalar(declaration["Default"])
        else:
            missing.append(name)
            continue
        _check(name, declaration, kind, value)
        resolved = ssm(value) if kind.startswith("AWS::SSM::Parameter::Value<") else None
        result[name] = Parameter(name, value, kind, bool(declaration.get("NoEcho")), resolved)
    if missing:
        raise invalid(f"Parameters: [{', '.join(missing)}] must have values")
    return result


def _check(name: str, declaration: Json, kind: str, value: str) -> None:
    constraint = declaration.get("ConstraintDescription")

    def fail(message: str) -> Exception:
        if constraint:
            return invalid(f"Parameter {name} failed to satisfy constraint: {constraint}")
        return invalid(f"Parameter '{name}' {message}")

    values = [v.strip() for v in value.split(",")] if kind == "CommaDelimitedList" or kind.startswith("List<") else [value]
    for item in values:
        if kind in ("Number", "List<Number>"):
            try:
                number = float(item)
            except ValueError:
                raise invalid(f"Parameter '{name}' must be a number.") from None
            if "MinValue" in declaration and number < float(declaration["MinValue"]):
                raise fail(f"must be a number not less than {declaration['MinValue']}")
            if "MaxValue" in declaration and number > float(declaration["MaxValue"]):
                raise fail(f"must be a number not greater than {declaration['MaxValue']}")
        allowed = declaration.get("AllowedValues")
        if allowed is not None and item not in [scalar(a) for a in allowed]:
            raise fail("must be one of AllowedValues")
        pattern = declaration.get("AllowedPattern")
        if pattern is not None and not re.fullmatch(pattern, item):
            raise fail(f"must match pattern {pattern}")
        if "MinLength" in declaration and len(item) < int(declaration["MinLength"]):
            raise fail(f"must contain at least {declaration['MinLength']} characters")
        if "MaxLength" in declaration and len(item) > int(declaration["MaxLength"]):
            raise fail(f"must contain at most {declaration['MaxLength']} characters")


# --- evaluation ------------------------------------------------------------------------------------------------------


@dataclass
class Evaluator:
    """Evaluates intrinsic functions of one template in one stack."""

    template: Json
    parameters: dict[str, Parameter]
    pseudo: dict[str, Any]
    #: Value of a resource's Ref / attribute.
    ref: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    #: Value of an export.
    imported: Callable[[str], Any]
    #: Value behind {{resolve:…}}.
    dynamic: Callable[[str, str], str]
    zones: Callable[[str], list[str]]

    def __post_init__(self) -> None:
        self._conditions: dict[str, bool] = {}

    def condition(self, name: str) -> bool:
        if name not in self._conditions:
            conditions = self.template.get("Conditions") or {}
            if name not in conditions:
                raise invalid(f"Template format error: Unresolved dependencies [{name}]. Cannot reference resources in the Conditions block of the template")  # fmt: skip
            self._conditions[name] = self._test(conditions[name])
        return self._conditions[name]

    def _test(self, value: Any) -> bool:
        if isinstance(value, dict) and len(value) == 1:
            ((name, argument),) = value.items()
            match name:
                case "Condition":
                    return self.condition(argument)
                case "Fn::Not":
                    return not self._test(argument[0])
                case "Fn::And":
                    return all(self._test(a) for a in argument)
                case "Fn::Or":
                    return any(self._test(a) for a in argument)
                case "Fn::Equals":
                    left, right = (self.value(a) for a in argument)
                    return comparable(left) == comparable(right)
        return scalar(self.value(value)) == "true"

    def included(self, entry: Json) -> bool:
        """Whether the condition of a resource or output holds."""
        name = entry.get("Condition")
        return name is None or self.condition(name)

    def pick(self, value: Any) -> Any:
        """The value with every Fn::If decided and nothing else evaluated; what is left refers to what it depends on."""
        if isinstance(value, dict):
            if set(value) == {"Fn::If"}:
                name, yes, no = value["Fn::If"]
                return self.pick(yes if self.condition(name) else no)
            return {k: self.pick(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.pick(v) for v in value]
        return value

    def value(self, value: Any) -> Any:
        if isinstance(value, dict):
            if len(value) == 1:
                ((name, argument),) = value.items()
                if name in ("Ref", "Condition") or str(name).startswith("Fn::"):
                    return self._function(name, argument)
            pairs = ((k, self.value(v)) for k, v in value.items())
            return {str(k): v for k, v in pairs if v is not NO_VALUE}
        if isinstance(value, list):
            return [v for v in map(self.value, value) if v is not NO_VALUE]
        if isinstance(value, str) and "{{resolve:" in value:
            return _RESOLVE.sub(lambda m: self.dynamic(m["service"], m["reference"]), value)
        return value

    def _name(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            return self.parameters[name].effective
        return self.ref(name)

    def _function(self, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                return self._name(argument)
            case "Condition":
                return self.condition(argument)
            case "Fn::GetAtt":
                parts = argument.split(".", 1) if isinstance(argument, str) else argument
                return self.attribute(parts[0], ".".join(scalar(self.value(p)) for p in parts[1:]))
            case "Fn::If":
                return self.value(argument[1] if self.condition(argument[0]) else argument[2])
            case "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not":
                return self._test({name: argument})
            case "Fn::Sub":
                return self._sub(argument)
        value = self.value(argument)
        if name == "Fn::FindInMap":
            top, first, second = value[:3]
            try:
                return self.value(self.template["Mappings"][top][first][second])
            except KeyError:
                if len(value) > 3 and isinstance(value[3], dict) and "DefaultValue" in value[3]:
                    return value[3]["DefaultValue"]
                raise invalid(f"Template error: Unable to get mapping for {top}::{first}::{second}") from None
        if unknown := has_unknown(value):
            if name == "Fn::Select" and isinstance(value[1], list) and not isinstance(value[0], Unknown):
                return value[1][int(value[0])]
            return unknown
        match name:
            case "Fn::Join":
                return str(value[0]).join(scalar(v) for v in value[1])
            case "Fn::Split":
                return str(value[1]).split(value[0])
            case "Fn::Select":
                try:
                    return value[1][int(value[0])]
                except IndexError:
                    raise invalid(f"Template error: Fn::Select cannot select nonexistent value at index {value[0]}") from None
            case "Fn::ImportValue":
                return self.imported(value)
            case "Fn::GetAZs":
                return self.zones(value or self.pseudo["AWS::Region"])
            case "Fn::Base64":
                return base64.b64encode(str(value).encode()).decode()
            case "Fn::ToJsonString":
                return json.dumps(value, separators=(",", ":"))
            case "Fn::Length":
                return len(value)
            case "Fn::Cidr":
                block, count, bits = value[0], int(value[1]), int(value[2]) if len(value) > 2 else 8
                subnets = ipaddress.ip_network(block).subnets(new_prefix=32 - bits)
                return [str(n) for n, _ in zip(subnets, range(count), strict=False)]
        raise invalid(f"Template error: {name} is not supported")

    def _sub(self, argument: Any) -> Any:
        text, own = argument if isinstance(argument, list) else (argument, {})
        own = {k: self.value(v) for k, v in own.items()}
        unknown: list[Unknown] = []

        def replace(match: re.Match) -> str:
            name = match["name"]
            if match["literal"]:
                return "${" + name + "}"
            if name in own:
                value = own[name]
            elif "." in name and name not in self.parameters:
                value = self.attribute(*name.split(".", 1))
            else:
                value = self._name(name)
            if found := has_unknown(value):
                unknown.append(found)
            return ",".join(map(scalar, value)) if isinstance(value, list) else scalar(value)

        result = _SUB.sub(replace, text)
        return unknown[0] if unknown else self.value(result)


def comparable(value: Any) -> Any:
    """A value in which 80 and "80", true and "true" are the same."""
    if isinstance(value, dict):
        return {k: comparable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [comparable(v) for v in value]
    return value if isinstance(value, Unknown) or value is None else scalar(value)


def check_properties(name: str, resource_type: str, properties: Json) -> str | None:
    """What CloudFormation says of missing or surplus properties; None when there is nothing to say."""
    entry = schema(resource_type)
    if not entry.properties:
        return None
    problems = [f"#: required key [{key}] not found" for key in entry.required if key not in properties]
    problems += [f"#: extraneous key [{key}] is not permitted" for key in properties if key not in entry.properties]
    if not problems:
        return None
    return "Properties validation failed for resource {} with message:\n{}".format(name, "\n".join(problems))
