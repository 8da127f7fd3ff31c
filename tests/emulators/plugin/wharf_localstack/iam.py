"""What IAM says when it is asked what a principal may do.

LocalStack compares actions and resources letter by letter and refuses everything else. Here patterns count, refusals win, and a
condition on a key that the question does not give makes a statement void and is reported. Boundaries, policies of organizations
and groups are not looked at.
"""

import json
import re
from typing import Any
from urllib.parse import unquote

Statement = dict[str, Any]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def fits(pattern: str, text: str) -> bool:
    parts = re.split(r"([*?])", pattern)
    expression = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(expression, text, re.IGNORECASE | re.DOTALL) is not None


def names(statement: Statement, field: str, text: str) -> bool:
    """Whether a statement is about an action or a resource, by its field or by the negated one."""
    if field in statement:
        return any(fits(pattern, text) for pattern in listed(statement[field]))
    return not any(fits(pattern, text) for pattern in listed(statement.get(f"Not{field}", "*")))


def holds(statement: Statement, context: dict[str, list[str]]) -> tuple[bool, set[str]]:
    """Whether the conditions of a statement hold, and the keys that are missing to tell."""
    missing, true = set(), True
    for operator, wanted in statement.get("Condition", {}).items():
        for key, values in wanted.items():
            given = context.get(key.lower())
            if given is None:
                missing.add(key)
                continue
            fit = any(fits(str(value), one) for value in listed(values) for one in given)
            true = true and fit != ("Not" in operator)
    return true and not missing, missing


def decide(statements: list[Statement], action: str, resource: str, context: dict[str, list[str]]) -> tuple[str, list[str]]:
    """The decision on an action, and the keys of conditions that are missing."""
    decision, missing = "implicitDeny", set()
    for statement in statements:
        # A trust policy has no resources.
        if "Principal" in statement or not names(statement, "Action", action):
            continue
        if not names(statement, "Resource", resource):
            continue
        true, unknown = holds(statement, context)
        missing |= unknown
        if true and statement["Effect"] == "Deny":
            return "explicitDeny", []
        if true:
            decision = "allowed"
    return decision, sorted(missing)


def simulate(self: Any, context: Any, request: Any) -> Any:
    store = self.provider._get_store(context)
    principal = request["PolicySourceArn"]
    statements: list[Statement] = []
    for policy in self.get_policies_from_principal(store, principal):
        statements += listed(json.loads(unquote(policy))["Statement"])
    given = {entry["ContextKeyName"].lower(): entry["ContextKeyValues"] for entry in request.get("ContextEntries") or []}
    results = []
    for action in request["ActionNames"]:
        for resource in request.get("ResourceArns") or ["*"]:
            decision, missing = decide(statements, action, resource, given)
            results.append(
                {
                    "EvalActionName": action,
                    "EvalResourceName": resource,
                    "EvalDecision": decision,
                    "MatchedStatements": [],
                    "MissingContextValues": missing,
                }
            )
    return {"EvaluationResults": results, "IsTruncated": False}
