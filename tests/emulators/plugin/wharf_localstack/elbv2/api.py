"""The operations of ELBv2."""

import threading
from typing import Any

from localstack.aws.api import RequestContext
from moto.ec2.models import ec2_backends

from wharf_localstack.aws import Api, Json, error, page, tag_dict, tag_list
from wharf_localstack.elbv2 import traffic
from wharf_localstack.elbv2.model import (
    STORES,
    Listener,
    LoadBalancer,
    Rule,
    Store,
    Target,
    TargetGroup,
    action_groups,
    short_id,
)
from wharf_localstack.settings import SETTINGS

ZONES = {"application": "Z35SXDOTRQ7X7K", "network": "Z26RNL4JYFTOTI"}
BALANCER_ATTRIBUTES = {
    "deletion_protection.enabled": "false", "access_logs.s3.enabled": "false", "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "", "idle_timeout.timeout_seconds": "60", "routing.http2.enabled": "true",
    "routing.http.drop_invalid_header_fields.enabled": "false", "load_balancing.cross_zone.enabled": "true",
}  # fmt: skip
GROUP_ATTRIBUTES = {
    "deregistration_delay.timeout_seconds": "300", "stickiness.enabled": "false", "slow_start.duration_seconds": "0",
    "stickiness.type": "lb_cookie", "load_balancing.algorithm.type": "round_robin",
}  # fmt: skip
CONDITION_CONFIGS = {
    "host-header": "HostHeaderConfig", "path-pattern": "PathPatternConfig", "source-ip": "SourceIpConfig",
    "http-request-method": "HttpRequestMethodConfig", "query-string": "QueryStringConfig", "http-header": "HttpHeaderConfig",
}  # fmt: skip


def normal_condition(condition: Json) -> Json:
    name = CONDITION_CONFIGS.get(condition.get("Field", ""))
    if name is None:
        raise error("ValidationError", f"Condition field '{condition.get('Field')}' must be one of '[path-pattern, host-header]'")
    result = {"Field": condition["Field"], name: condition.get(name) or {"Values": condition.get("Values") or []}}
    if condition["Field"] in ("host-header", "path-pattern"):
        result["Values"] = result[name]["Values"]
    if not result[name].get("Values"):
        raise error("ValidationError", "A condition value must be specified")
    return result


def normal_actions(actions: list[Json]) -> list[Json]:
    result = []
    for action in actions:
        action = dict(action)
        if action.get("Type") == "forward":
            if "ForwardConfig" not in action:
                group = {"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}
                action["ForwardConfig"] = {"TargetGroups": [group], "TargetGroupStickinessConfig": {"Enabled": False}}
            elif len(action["ForwardConfig"]["TargetGroups"]) == 1:
                action["TargetGroupArn"] = action["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"]
        result.append(action)
    return sorted(result, key=lambda a: int(a.get("Order") or 1))


class ElbApi(Api):
    def __init__(self) -> None:
        super().__init__("elbv2")

    # --- finding

    def _store(self, context: RequestContext) -> Store:
        return STORES.of(context)

    def _balancer(self, store: Store, arn: str) -> LoadBalancer:
        if arn not in store.balancers:
            raise error("LoadBalancerNotFound", f"Load balancer '{arn}' not found")
        return store.balancers[arn]

    def _listener(self, store: Store, arn: str) -> Listener:
        found = next((x for x in store.listeners() if x.arn == arn), None)
        if found is None:
            raise error("ListenerNotFound", f"Listener '{arn}' not found")
        return found

    def _rule(self, store: Store, arn: str) -> tuple[Listener, Rule]:
        for listener in store.listeners():
            for rule in listener.rules:
                if rule.arn == arn:
                    return listener, rule
        raise error("RuleNotFound", f"Rule '{arn}' not found")

    def _group(self, store: Store, arn: str) -> TargetGroup:
        if arn not in store.groups:
            raise error("TargetGroupNotFound", f"Target groups '{arn}' not found")
        return store.groups[arn]

    def _check_actions(self, store: Store, actions: list[Json]) -> None:
        for arn in action_groups(actions):
            self._group(store, arn)

    # --- load balancers

    def _subnets(self, context: RequestContext, request: Json, kind: str) -> tuple[list[Json], str]:
        ids = request.get("Subnets") or [m["SubnetId"] for m in request.get("SubnetMappings") or []]
        ec2 = ec2_backends[context.account_id][context.region]
        zones, vpc = [], ""
        for subnet_id in ids:
            subnet = next((s for by_zone in ec2.subnets.values() for k, s in by_zone.items() if k == subnet_id), None)
            if subnet is None:
                raise error("SubnetNotFound", f"The subnet ID '{subnet_id}' does not exist")
            zones.append({"ZoneName": subnet.availability_zone, "SubnetId": subnet_id, "LoadBalancerAddresses": []})
            vpc = subnet.vpc_id
        if kind == "application" and len({z["ZoneName"] for z in zones}) < 2:
            raise error("ValidationError", "At least two subnets in two different Availability Zones must be specified")
        if not zones:
            raise error("ValidationError", "At least one subnet must be specified")
        return zones, vpc

    def create_load_balancer(self, context: RequestContext, request: Json) -> Json:
        store, name, kind = self._store(context), request["Name"], request.get("Type") or "application"
        if len(name) > 32 or name.startswith("-") or name.endswith("-"):
            raise error("ValidationError", f"The load balancer name '{name}' cannot be longer than '32' characters")
        zones, vpc = self._subnets(context, request, kind)
        with store.lock:
            if any(b.name == name for b in store.balancers.values()):
                raise error("DuplicateLoadBalancerName", f"A load balancer with the same name '{name}' exists, but with different settings")  # fmt: skip
            short = "app" if kind == "application" else "net"
            arn = f"arn:aws:elasticloadbalancing:{context.region}:{context.account_id}:loadbalancer/{short}/{name}/{short_id()}"
            address, port = traffic.take_address(arn)
            balancer = LoadBalancer(
                arn=arn, name=name, type=kind, scheme=request.get("Scheme") or "internet-facing", vpc=vpc, zones=zones,
                groups=request.get("SecurityGroups") or [], address=address, shared_port=port,
                attributes=dict(BALANCER_ATTRIBUTES), ip_type=request.get("IpAddressType") or "ipv4",
            )  # fmt: skip
            store.balancers[arn] = balancer
            store.tags[arn] = tag_dict(request.get("Tags"))
        return {"LoadBalancers": [self._show_balancer(balancer)]}

    def _show_balancer(self, b: LoadBalancer) -> Json:
        result = {
            "LoadBalancerArn": b.arn, "DNSName": b.dns_name, "CanonicalHostedZoneId": ZONES.get(b.type, ""), "CreatedTime": b.created,
            "LoadBalancerName": b.name, "Scheme": b.scheme, "VpcId": b.vpc, "State": {"Code": "active"}, "Type": b.type,
            "AvailabilityZones": b.zones, "IpAddressType": b.ip_type,
        }  # fmt: skip
        return result | {"SecurityGroups": b.groups} if b.groups else result

    def describe_load_balancers(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        arns, names = request.get("LoadBalancerArns"), request.get("Names")
        if arns:
            found = [self._balancer(store, a) for a in arns]
        elif names:
            found = [b for b in store.balancers.values() if b.name in names]
            if len(found) < len(names):
                raise error("LoadBalancerNotFound", f"Load balancers '[{', '.join(names)}]' not found")
        else:
            found = list(store.balancers.values())
        shown, marker = page([self._show_balancer(b) for b in found], request.get("Marker"), int(request.get("PageSize") or 400))
        return {"LoadBalancers": shown, "NextMarker": marker} if marker else {"LoadBalancers": shown}

    def delete_load_balancer(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            balancer = store.balancers.get(request["LoadBalancerArn"])
            if balancer is None:
                return {}
            if balancer.attributes.get("deletion_protection.enabled") == "true":
                raise error("OperationNotPermitted", f"Load balancer '{balancer.arn}' cannot be deleted because deletion protection is enabled")  # fmt: skip
            for listener in balancer.listeners.values():
                traffic.close(listener)
            del store.balancers[balancer.arn]
            store.tags.pop(balancer.arn, None)
            traffic.give_back(balancer.address)
        return {}

    def describe_load_balancer_attributes(self, context: RequestContext, request: Json) -> Json:
        return {"Attributes": tag_list(self._balancer(self._store(context), request["LoadBalancerArn"]).attributes)}

    def modify_load_balancer_attributes(self, context: RequestContext, request: Json) -> Json:
        balancer = self._balancer(self._store(context), request["LoadBalancerArn"])
        balancer.attributes |= tag_dict(request["Attributes"])
        return {"Attributes": tag_list(balancer.attributes)}

    def set_security_groups(self, context: RequestContext, request: Json) -> Json:
        balancer = self._balancer(self._store(context), request["LoadBalancerArn"])
        balancer.groups = request["SecurityGroups"]
        return {"SecurityGroupIds": balancer.groups}

    def set_subnets(self, context: RequestContext, request: Json) -> Json:
        balancer = self._balancer(self._store(context), request["LoadBalancerArn"])
        balancer.zones, balancer.vpc = self._subnets(context, request, balancer.type)
        return {"AvailabilityZones": balancer.zones}

    def set_ip_address_type(self, context: RequestContext, request: Json) -> Json:
        balancer = self._balancer(self._store(context), request["LoadBalancerArn"])
        balancer.ip_type = request["IpAddressType"]
        return {"IpAddressType": balancer.ip_type}

    # --- listeners

    def create_listener(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            balancer = self._balancer(store, request["LoadBalancerArn"])
            port, protocol = int(request["Port"]), request.get("Protocol") or "HTTP"
            if any(x.port == port for x in balancer.listeners.values()):
                raise error("DuplicateListener", f"A listener already exists on this port for this load balancer '{balancer.arn}'")
            actions = normal_actions(request["DefaultActions"])
            self._check_actions(store, actions)
            certificates = [c["CertificateArn"] for c in request.get("Certificates") or []]
            if protocol in ("HTTPS", "TLS") and not certificates:
                raise error("ValidationError", f"A certificate must be specified for {protocol} listeners")
            base = balancer.arn.replace(":loadbalancer/", ":listener/")
            arn = f"{base}/{short_id()}"
            default = Rule(f"{arn.replace(':listener/', ':listener-rule/')}/{short_id()}", "default", [], actions)
            policy = request.get("SslPolicy") or ("ELBSecurityPolicy-2016-08" if certificates else "")
            listener = Listener(arn, balancer, port, protocol, [default], certificates, policy)
            balancer.listeners[arn] = listener
            store.tags[arn] = tag_dict(request.get("Tags"))
            traffic.listen(listener, context.account_id, context.region)
        return {"Listeners": [self._show_listener(listener)]}

    def _show_listener(self, x: Listener) -> Json:
        result: Json = {
            "ListenerArn": x.arn, "LoadBalancerArn": x.balancer.arn, "Port": x.port, "Protocol": x.protocol,
            "DefaultActions": x.default.actions,
        }  # fmt: skip
        if x.certificates:
            result |= {"Certificates": [{"CertificateArn": x.certificates[0]}], "SslPolicy": x.policy}
        return result

    def describe_listeners(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        if arns := request.get("ListenerArns"):
            found = [self._listener(store, a) for a in arns]
        elif arn := request.get("LoadBalancerArn"):
            found = list(self._balancer(store, arn).listeners.values())
        else:
            raise error("ValidationError", "You must specify either listener ARNs or a load balancer ARN")
        return {"Listeners": [self._show_listener(x) for x in found]}

    def modify_listener(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            listener = self._listener(store, request["ListenerArn"])
            if request.get("DefaultActions"):
                actions = normal_actions(request["DefaultActions"])
                self._check_actions(store, actions)
                listener.default.actions = actions
            if request.get("Certificates"):
                listener.certificates[:1] = [request["Certificates"][0]["CertificateArn"]]
            listener.policy = request.get("SslPolicy") or listener.policy
            port, protocol = int(request.get("Port") or listener.port), request.get("Protocol") or listener.protocol
            if (port, protocol) != (listener.port, listener.protocol):
                listener.port, listener.protocol = port, protocol
                traffic.listen(listener, context.account_id, context.region)
        return {"Listeners": [self._show_listener(listener)]}

    def delete_listener(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            listener = self._listener(store, request["ListenerArn"])
            traffic.close(listener)
            del listener.balancer.listeners[listener.arn]
        return {}

    def describe_listener_attributes(self, context: RequestContext, request: Json) -> Json:
        return {"Attributes": tag_list(self._listener(self._store(context), request["ListenerArn"]).attributes)}

    def modify_listener_attributes(self, context: RequestContext, request: Json) -> Json:
        listener = self._listener(self._store(context), request["ListenerArn"])
        listener.attributes |= tag_dict(request["Attributes"])
        return {"Attributes": tag_list(listener.attributes)}

    def describe_listener_certificates(self, context: RequestContext, request: Json) -> Json:
        listener = self._listener(self._store(context), request["ListenerArn"])
        return {"Certificates": [{"CertificateArn": c, "IsDefault": i == 0} for i, c in enumerate(listener.certificates)]}

    def add_listener_certificates(self, context: RequestContext, request: Json) -> Json:
        listener = self._listener(self._store(context), request["ListenerArn"])
        for certificate in request["Certificates"]:
            if certificate["CertificateArn"] not in listener.certificates:
                listener.certificates.append(certificate["CertificateArn"])
        return {"Certificates": request["Certificates"]}

    def remove_listener_certificates(self, context: RequestContext, request: Json) -> Json:
        listener = self._listener(self._store(context), request["ListenerArn"])
        for certificate in request["Certificates"]:
            if certificate["CertificateArn"] in listener.certificates[1:]:
                listener.certificates.remove(certificate["CertificateArn"])
        return {}

    def describe_ssl_policies(self, context: RequestContext, request: Json) -> Json:
        names = request.get("Names") or ["ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS13-1-2-2021-06"]
        return {"SslPolicies": [{"Name": n, "SslProtocols": ["TLSv1.2"]} for n in names]}

    # --- rules

    def create_rule(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            listener = self._listener(store, request["ListenerArn"])
            priority = int(request["Priority"])
            self._check_priority(listener, priority)
            actions = normal_actions(request["Actions"])
            self._check_actions(store, actions)
            arn = f"{listener.arn.replace(':listener/', ':listener-rule/')}/{short_id()}"
            rule = Rule(arn, str(priority), [normal_condition(c) for c in request["Conditions"]], actions)
            listener.rules.append(rule)
            store.tags[arn] = tag_dict(request.get("Tags"))
        return {"Rules": [self._show_rule(rule)]}

    def _check_priority(self, listener: Listener, priority: int, ignore: frozenset[str] = frozenset()) -> None:
        if not 1 <= priority <= 50000:
            raise error("ValidationError", f"1 validation error detected: Value '{priority}' at 'priority' failed to satisfy constraint: Member must have value less than or equal to 50000")  # fmt: skip
        if any(r.priority == str(priority) for r in listener.rules if r.arn not in ignore):
            raise error("PriorityInUse", f"Priority '{priority}' is currently in use")

    def _show_rule(self, rule: Rule) -> Json:
        return {
            "RuleArn": rule.arn, "Priority": rule.priority, "Conditions": rule.conditions, "Actions": rule.actions,
            "IsDefault": rule.is_default,
        }  # fmt: skip

    def describe_rules(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        if arns := request.get("RuleArns"):
            found = [self._rule(store, a)[1] for a in arns]
        elif arn := request.get("ListenerArn"):
            found = self._listener(store, arn).sorted_rules()
        else:
            raise error("ValidationError", "You must specify either listener rule ARNs or a listener ARN")
        shown, marker = page([self._show_rule(r) for r in found], request.get("Marker"), int(request.get("PageSize") or 400))
        return {"Rules": shown, "NextMarker": marker} if marker else {"Rules": shown}

    def modify_rule(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            _, rule = self._rule(store, request["RuleArn"])
            if request.get("Conditions"):
                rule.conditions = [normal_condition(c) for c in request["Conditions"]]
            if request.get("Actions"):
                actions = normal_actions(request["Actions"])
                self._check_actions(store, actions)
                rule.actions = actions
        return {"Rules": [self._show_rule(rule)]}

    def set_rule_priorities(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            wanted = [(*self._rule(store, p["RuleArn"]), int(p["Priority"])) for p in request["RulePriorities"]]
            moved = frozenset(rule.arn for _, rule, _ in wanted)
            for listener, _, priority in wanted:
                self._check_priority(listener, priority, moved)
            for _, rule, priority in wanted:
                rule.priority = str(priority)
        return {"Rules": [self._show_rule(rule) for _, rule, _ in wanted]}

    def delete_rule(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            listener, rule = self._rule(store, request["RuleArn"])
            if rule.is_default:
                raise error("OperationNotPermitted", f"Default rule '{rule.arn}' cannot be deleted")
            listener.rules.remove(rule)
        return {}

    # --- target groups

    def create_target_group(self, context: RequestContext, request: Json) -> Json:
        store, name = self._store(context), request["Name"]
        if len(name) > 32:
            raise error("ValidationError", f"Target group name '{name}' cannot be longer than '32' characters")
        protocol = request.get("Protocol") or "HTTP"
        web = protocol in ("HTTP", "HTTPS")
        defaults: Json = {
            "Protocol": protocol, "TargetType": "instance", "HealthCheckEnabled": True, "HealthCheckIntervalSeconds": 30,
            "HealthCheckTimeoutSeconds": 5 if web else 10, "HealthyThresholdCount": 5, "UnhealthyThresholdCount": 2,
            "HealthCheckPort": "traffic-port", "HealthCheckProtocol": "HTTP" if web else "TCP", "IpAddressType": "ipv4",
        }  # fmt: skip
        if web:
            defaults |= {"HealthCheckPath": "/", "Matcher": {"HttpCode": "200"}, "ProtocolVersion": "HTTP1"}
        settings = defaults | {k: v for k, v in request.items() if k not in ("Name", "Tags") and v is not None}
        if settings["HealthCheckProtocol"] in ("HTTP", "HTTPS"):
            settings.setdefault("HealthCheckPath", "/")
            settings.setdefault("Matcher", {"HttpCode": "200-399" if not web else "200"})
        if float(settings["HealthCheckTimeoutSeconds"]) >= float(settings["HealthCheckIntervalSeconds"]) and web:
            raise error("ValidationError", "Health check interval must be greater than the timeout.")
        with store.lock:
            if any(g.name == name for g in store.groups.values()):
                raise error("DuplicateTargetGroupName", f"A target group with the same name '{name}' exists, but with different settings")  # fmt: skip
            arn = f"arn:aws:elasticloadbalancing:{context.region}:{context.account_id}:targetgroup/{name}/{short_id()}"
            group = TargetGroup(arn, name, context.account_id, context.region, settings, dict(GROUP_ATTRIBUTES))
            store.groups[arn] = group
            store.tags[arn] = tag_dict(request.get("Tags"))
        return {"TargetGroups": [self._show_group(store, group)]}

    def _show_group(self, store: Store, group: TargetGroup) -> Json:
        names = {"TargetGroupArn": group.arn, "TargetGroupName": group.name}
        return names | group.settings | {"LoadBalancerArns": [b.arn for b in store.users(group.arn)]}

    def describe_target_groups(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        if arns := request.get("TargetGroupArns"):
            found = [self._group(store, a) for a in arns]
        elif names := request.get("Names"):
            found = [g for g in store.groups.values() if g.name in names]
            if len(found) < len(names):
                raise error("TargetGroupNotFound", "One or more target groups not found")
        elif balancer := request.get("LoadBalancerArn"):
            self._balancer(store, balancer)
            found = [g for g in store.groups.values() if any(b.arn == balancer for b in store.users(g.arn))]
        else:
            found = list(store.groups.values())
        shown, marker = page(
            [self._show_group(store, g) for g in found], request.get("Marker"), int(request.get("PageSize") or 400)
        )
        return {"TargetGroups": shown, "NextMarker": marker} if marker else {"TargetGroups": shown}

    def modify_target_group(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        group = self._group(store, request["TargetGroupArn"])
        group.settings |= {k: v for k, v in request.items() if k != "TargetGroupArn" and v is not None}
        return {"TargetGroups": [self._show_group(store, group)]}

    def delete_target_group(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            group = store.groups.get(request["TargetGroupArn"])
            if group is None:
                return {}
            if store.users(group.arn):
                raise error("ResourceInUse", f"Target group '{group.arn}' is currently in use by a listener or a rule")
            for target in group.targets.values():
                target.gone = True
            del store.groups[group.arn]
            store.tags.pop(group.arn, None)
        return {}

    def describe_target_group_attributes(self, context: RequestContext, request: Json) -> Json:
        return {"Attributes": tag_list(self._group(self._store(context), request["TargetGroupArn"]).attributes)}

    def modify_target_group_attributes(self, context: RequestContext, request: Json) -> Json:
        group = self._group(self._store(context), request["TargetGroupArn"])
        group.attributes |= tag_dict(request["Attributes"])
        return {"Attributes": tag_list(group.attributes)}

    # --- targets

    def register_targets(self, context: RequestContext, request: Json) -> Json:
        group = self._group(self._store(context), request["TargetGroupArn"])
        for target in request["Targets"]:
            port = int(target.get("Port") or group.settings.get("Port") or 80)
            register(group, target["Id"], port, target.get("AvailabilityZone") or f"{context.region}a")
        return {}

    def deregister_targets(self, context: RequestContext, request: Json) -> Json:
        group = self._group(self._store(context), request["TargetGroupArn"])
        for target in request["Targets"]:
            for target_id, port in list(group.targets):
                if target_id == target["Id"] and port == int(target.get("Port") or port):
                    deregister(group, target_id, port)
        return {}

    def describe_target_health(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        group = self._group(store, request["TargetGroupArn"])
        used = bool(store.users(group.arn))
        wanted = [(t["Id"], int(t.get("Port") or group.settings.get("Port") or 80)) for t in request.get("Targets") or []]
        result = []
        for key in wanted or list(group.targets):
            target = group.targets.get(key)
            health: Json = {
                "State": "unused",
                "Reason": "Target.NotRegistered",
                "Description": "Target is not registered to the target group",
            }
            if target is not None:
                health = {"State": target.state}
                if not used and target.state != "draining":
                    target.set("unused", "Target.NotInUse")
                    health = {"State": "unused"}
                if target.reason:
                    health |= {"Reason": target.reason, "Description": target.description}
            port = group.settings.get("HealthCheckPort", "traffic-port")
            entry = {
                "Target": {"Id": key[0], "Port": key[1]} | ({"AvailabilityZone": target.zone} if target else {}),
                "HealthCheckPort": str(key[1]) if port == "traffic-port" else port,
                "TargetHealth": health,
            }
            result.append(entry)
        return {"TargetHealthDescriptions": result}

    # --- tags

    def add_tags(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        for arn in request["ResourceArns"]:
            store.tags.setdefault(arn, {}).update(tag_dict(request["Tags"]))
        return {}

    def remove_tags(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        for arn in request["ResourceArns"]:
            for key in request["TagKeys"]:
                store.tags.get(arn, {}).pop(key, None)
        return {}

    def describe_tags(self, context: RequestContext, request: Json) -> Json:
        tags = self._store(context).tags
        return {"TagDescriptions": [{"ResourceArn": a, "Tags": tag_list(tags.get(a, {}))} for a in request["ResourceArns"]]}

    def describe_account_limits(self, context: RequestContext, request: Json) -> Json:
        return {"Limits": [{"Name": "rules-per-application-load-balancer", "Max": "100"}]}


# --- used by ECS too -------------------------------------------------------------------------------------------------


def find_group(account: str, region: str, arn: str) -> TargetGroup | None:
    return STORES.at(account, region).groups.get(arn)


def in_use(account: str, region: str, arn: str) -> bool:
    return bool(STORES.at(account, region).users(arn))


def register(group: TargetGroup, target_id: str, port: int, zone: str) -> Target:
    key = (target_id, port)
    existing = group.targets.get(key)
    if existing is not None and existing.state != "draining":
        return existing
    target = Target(target_id, port, zone)
    group.targets[key] = target
    traffic.watch(group, target)
    return target


def deregister(group: TargetGroup, target_id: str, port: int) -> float:
    """Starts draining a target. Returns the seconds that it takes."""
    target = group.targets.get((target_id, port))
    if target is None or target.state == "draining":
        return 0.0
    served = target.state == "healthy"
    delay = SETTINGS.scaled(float(group.attributes["deregistration_delay.timeout_seconds"])) if served else 0.0
    target.set("draining", "Target.DeregistrationInProgress")

    def forget() -> None:
        target.gone = True
        if group.targets.get((target_id, port)) is target:
            del group.targets[(target_id, port)]

    if delay:
        timer: Any = threading.Timer(delay, forget)
        timer.daemon = True
        timer.start()
    else:
        forget()
    return delay
