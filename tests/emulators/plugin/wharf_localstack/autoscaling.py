"""Application Auto Scaling: targets and policies are kept and shown; nothing scales by itself."""

import uuid
from dataclasses import dataclass, field

from localstack.aws.api import RequestContext

from wharf_localstack.aws import Api, Json, Stores, call, error, now, page

Key = tuple[str, str, str]


@dataclass
class Store:
    targets: dict[Key, Json] = field(default_factory=dict)
    policies: dict[tuple[Key, str], Json] = field(default_factory=dict)


STORES: Stores[Store] = Stores(lambda account, region: Store())


def key_of(request: Json) -> Key:
    return request["ServiceNamespace"], request["ResourceId"], request["ScalableDimension"]


class AutoscalingApi(Api):
    def __init__(self) -> None:
        super().__init__("application-autoscaling")

    def register_scalable_target(self, context: RequestContext, request: Json) -> Json:
        store, key = STORES.of(context), key_of(request)
        current = store.targets.get(key)
        account, region = context.account_id, context.region
        if request["ServiceNamespace"] == "ecs" and current is None:
            _, cluster, service = request["ResourceId"].split("/")
            found = call(account, region, "ecs", "describe_services", cluster=cluster, services=[service])["services"]
            if not found or found[0]["status"] != "ACTIVE":
                raise error("ValidationException", f"ECS service doesn't exist: {request['ResourceId']}")
        if current is None:
            if "MinCapacity" not in request or "MaxCapacity" not in request:
                raise error("ValidationException", "MinCapacity and MaxCapacity must be specified")
            arn = f"arn:aws:application-autoscaling:{region}:{account}:scalable-target/{uuid.uuid4().hex}"
            role = f"arn:aws:iam::{account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"
            current = {"ScalableTargetARN": arn, "CreationTime": now(), "RoleARN": role}
            store.targets[key] = current
        current.update({k: v for k, v in request.items() if k != "Tags" and v is not None})
        if key[0] == "ecs":
            self._clamp(context, current)
        return {"ScalableTargetARN": current["ScalableTargetARN"]}

    @staticmethod
    def _clamp(context: RequestContext, target: Json) -> None:
        """Brings the desired count into the target's range, as AWS does at once."""
        _, cluster, service = target["ResourceId"].split("/")
        found = call(context.account_id, context.region, "ecs", "describe_services", cluster=cluster, services=[service])[
            "services"
        ]
        if found and found[0]["status"] == "ACTIVE":
            count = found[0]["desiredCount"]
            wanted = min(max(count, int(target["MinCapacity"])), int(target["MaxCapacity"]))
            if wanted != count:
                call(
                    context.account_id,
                    context.region,
                    "ecs",
                    "update_service",
                    cluster=cluster,
                    service=service,
                    desiredCount=wanted,
                )

    def describe_scalable_targets(self, context: RequestContext, request: Json) -> Json:
        found = [
            t
            for k, t in STORES.of(context).targets.items()
            if k[0] == request["ServiceNamespace"]
            and (not request.get("ResourceIds") or k[1] in request["ResourceIds"])
            and request.get("ScalableDimension", k[2]) == k[2]
        ]
        shown, token = page(found, request.get("NextToken"), int(request.get("MaxResults") or 50))
        return {"ScalableTargets": shown, "NextToken": token} if token else {"ScalableTargets": shown}

    def deregister_scalable_target(self, context: RequestContext, request: Json) -> Json:
        store, key = STORES.of(context), key_of(request)
        if store.targets.pop(key, None) is None:
            raise error("ObjectNotFoundException", f"No scalable target found for service namespace: {key[0]}, resource ID: {key[1]}, scalable dimension: {key[2]}")  # fmt: skip
        for policy in [p for p in store.policies if p[0] == key]:
            self._drop_alarms(context, store.policies.pop(policy))
        return {}

    def put_scaling_policy(self, context: RequestContext, request: Json) -> Json:
        store, key = STORES.of(context), key_of(request)
        if key not in store.targets:
            raise error("ObjectNotFoundException", f"No scalable target registered for service namespace: {key[0]}, resource ID: {key[1]}, scalable dimension: {key[2]}")  # fmt: skip
        policy = store.policies.get((key, request["PolicyName"]))
        if policy is None:
            arn = (
                f"arn:aws:autoscaling:{context.region}:{context.account_id}:scalingPolicy:{uuid.uuid4()}:resource/{key[0]}/{key[1]}"
                f":policyName/{request['PolicyName']}"
            )
            policy = {"PolicyARN": arn, "CreationTime": now(), "Alarms": []}
            store.policies[(key, request["PolicyName"])] = policy
        policy.update({k: v for k, v in request.items() if v is not None})
        policy.setdefault("PolicyType", "StepScaling")
        if policy["PolicyType"] == "TargetTrackingScaling":
            self._put_alarms(context, key, policy)
        return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}

    @staticmethod
    def _put_alarms(context: RequestContext, key: Key, policy: Json) -> None:
        """Target tracking makes two alarms; here they exist and never fire."""
        value = policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
        if not policy["Alarms"]:
            names = [f"TargetTracking-{key[1]}-Alarm{side}-{uuid.uuid4()}" for side in ("High", "Low")]
            base = f"arn:aws:cloudwatch:{context.region}:{context.account_id}:alarm:"
            policy["Alarms"] = [{"AlarmName": n, "AlarmARN": base + n} for n in names]
        for alarm, comparison in zip(policy["Alarms"], ("GreaterThanThreshold", "LessThanThreshold"), strict=True):
            call(
                context.account_id, context.region, "cloudwatch", "put_metric_alarm", AlarmName=alarm["AlarmName"], Namespace="AWS/ECS",
                MetricName="CPUUtilization", Statistic="Average", Period=60, EvaluationPeriods=3, Threshold=value,
                ComparisonOperator=comparison, AlarmActions=[policy["PolicyARN"]],
                AlarmDescription=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy['PolicyARN']}.",
            )  # fmt: skip

    @staticmethod
    def _drop_alarms(context: RequestContext, policy: Json) -> None:
        if policy["Alarms"]:
            names = [a["AlarmName"] for a in policy["Alarms"]]
            call(context.account_id, context.region, "cloudwatch", "delete_alarms", AlarmNames=names)

    def describe_scaling_policies(self, context: RequestContext, request: Json) -> Json:
        found = [
            p
            for (k, name), p in STORES.of(context).policies.items()
            if k[0] == request["ServiceNamespace"]
            and request.get("ResourceId", k[1]) == k[1]
            and request.get("ScalableDimension", k[2]) == k[2]
            and (not request.get("PolicyNames") or name in request["PolicyNames"])
        ]
        shown, token = page(found, request.get("NextToken"), int(request.get("MaxResults") or 50))
        return {"ScalingPolicies": shown, "NextToken": token} if token else {"ScalingPolicies": shown}

    def delete_scaling_policy(self, context: RequestContext, request: Json) -> Json:
        policy = STORES.of(context).policies.pop((key_of(request), request["PolicyName"]), None)
        if policy is None:
            raise error("ObjectNotFoundException", f"No scaling policy found for service namespace: {request['ServiceNamespace']}")
        self._drop_alarms(context, policy)
        return {}

    def describe_scaling_activities(self, context: RequestContext, request: Json) -> Json:
        return {"ScalingActivities": []}

    def describe_scheduled_actions(self, context: RequestContext, request: Json) -> Json:
        return {"ScheduledActions": []}

    def list_tags_for_resource(self, context: RequestContext, request: Json) -> Json:
        return {"Tags": {}}
