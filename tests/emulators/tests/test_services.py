"""Load balancers, ECR, logs, roles, Cloud Map, auto scaling, ECS without services."""

import http.server
import json
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from conftest import ENV, Aws, docker, fetch, login, needs_engine, probe, until


class Backend(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = self.server.status if self.path == "/health" else 200  # type: ignore[attr-defined]
        body = f"{self.server.name} {self.path} {self.headers.get('X-Forwarded-For')}".encode()  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def backends() -> Iterator[list[http.server.ThreadingHTTPServer]]:
    servers = []
    for name in ("one", "two"):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
        server.name, server.status = name, 200  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
    yield servers
    for server in servers:
        server.shutdown()


@pytest.fixture
def network(aws: Aws) -> tuple[str, list[str]]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        aws.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    return vpc, subnets


def test_cloudfront_serves_a_bucket_until_an_invalidation(aws: Aws) -> None:
    bucket = f"site-{aws.account}"
    aws.s3.create_bucket(Bucket=bucket)
    aws.s3.put_object(Bucket=bucket, Key="a/index.html", Body=b"one", ContentType="text/html")
    function = aws.cloudfront.create_function(
        Name="rewrite", FunctionCode=b"function handler(event) { return event.request; }",
        FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
    )  # fmt: skip
    arn = function["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    origin = {"Id": "s3", "DomainName": f"{bucket}.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    behavior = {
        "TargetOriginId": "s3",
        "ViewerProtocolPolicy": "redirect-to-https",
        "FunctionAssociations": {"Quantity": 1, "Items": [{"EventType": "viewer-request", "FunctionARN": arn}]},
    }
    config = {
        "CallerReference": "one", "Comment": "", "Enabled": True, "DefaultCacheBehavior": behavior,
        "Origins": {"Quantity": 1, "Items": [origin]},
    }  # fmt: skip
    made = aws.cloudfront.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    site = f"{ENV['AWS_ENDPOINT_URL']}/_wharf/cloudfront/{aws.account}/{made}"
    assert fetch(f"{site}/a") == fetch(f"{site}/a/") == (200, "one")
    assert fetch(f"{site}/none.txt")[0] == 403
    assert fetch(f"{site}x/a")[0] == 404

    aws.s3.put_object(Bucket=bucket, Key="a/index.html", Body=b"two", ContentType="text/html")
    assert fetch(f"{site}/a") == (200, "one")
    batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "r"}
    begun = aws.cloudfront.create_invalidation(DistributionId=made, InvalidationBatch=batch)["Invalidation"]
    assert begun["Status"] == "InProgress"
    again = aws.cloudfront.create_invalidation(DistributionId=made, InvalidationBatch=batch)["Invalidation"]
    assert again["Id"] == begun["Id"]
    assert fetch(f"{site}/a") == (200, "two")

    def state() -> str:
        return str(aws.cloudfront.get_invalidation(DistributionId=made, Id=begun["Id"])["Invalidation"]["Status"])

    until(lambda: state() == "Completed")
    assert [i["Id"] for i in aws.cloudfront.list_invalidations(DistributionId=made)["InvalidationList"]["Items"]] == [begun["Id"]]
    with pytest.raises(ClientError, match="NoSuchDistribution"):
        aws.cloudfront.create_invalidation(DistributionId="E0", InvalidationBatch=batch)


def group(aws: Aws, name: str, vpc: str, **more: object) -> str:
    settings = {"Protocol": "HTTP", "Port": 80, "TargetType": "ip", "HealthCheckPath": "/health"} | more
    return aws.elbv2.create_target_group(Name=name, VpcId=vpc, **settings)["TargetGroups"][0]["TargetGroupArn"]


def states(aws: Aws, arn: str) -> list[tuple[str, str]]:
    found = aws.elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return [(t["TargetHealth"]["State"], t["TargetHealth"].get("Reason", "")) for t in found]


def test_application_load_balancer(aws: Aws, network: tuple[str, list[str]], backends: list) -> None:
    elb, (vpc, subnets) = aws.elbv2, network
    balancer = elb.create_load_balancer(Name="lb", Subnets=subnets)["LoadBalancers"][0]
    one, two, empty = (group(aws, n, vpc) for n in ("one", "two", "empty"))
    for arn, server in ((one, backends[0]), (two, backends[1])):
        elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": "127.0.0.1", "Port": server.server_port}])
    until(lambda: states(aws, one) == [("unused", "Target.NotInUse")])
    forward = [{"Type": "forward", "TargetGroupArn": one}]
    listener = elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Port=80, Protocol="HTTP", DefaultActions=forward)
    listener = listener["Listeners"][0]["ListenerArn"]
    base = f"http://{balancer['DNSName']}"
    until(lambda: states(aws, one) == [("healthy", "")])
    assert fetch(f"{base}/x?y=1") == (200, "one /x?y=1 127.0.0.1")

    def rule(priority: int, action: dict, *conditions: dict) -> str:
        made = elb.create_rule(ListenerArn=listener, Priority=priority, Conditions=list(conditions), Actions=[action])
        return made["Rules"][0]["RuleArn"]

    path = rule(20, {"Type": "forward", "TargetGroupArn": two}, {"Field": "path-pattern", "Values": ["/two", "/two/*"]})
    host = {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.Example.com"]}}
    config = {
        "Protocol": "HTTPS",
        "Port": "443",
        "Host": "#{host}",
        "Path": "/#{path}",
        "Query": "#{query}",
        "StatusCode": "HTTP_301",
    }
    rule(
        10, {"Type": "redirect", "RedirectConfig": config}, host, {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}
    )
    fixed = {
        "Type": "fixed-response",
        "FixedResponseConfig": {"StatusCode": "418", "MessageBody": "tea", "ContentType": "text/plain"},
    }
    rule(
        30,
        fixed,
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["127.0.0.0/8"]}},
        {"Field": "path-pattern", "Values": ["/tea"]},
    )
    rule(40, fixed, {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}})
    rule(50, {"Type": "forward", "TargetGroupArn": empty}, {"Field": "path-pattern", "Values": ["/empty"]})
    until(lambda: states(aws, two) == [("healthy", "")])
    assert fetch(f"{base}/two/x") == (200, "two /two/x 127.0.0.1")
    assert fetch(f"{base}/twofold")[1].startswith("one")
    assert fetch(f"{base}/a?b=c", host="www.example.com") == (301, "https://www.example.com/a?b=c")
    assert fetch(f"{base}/tea") == (418, "tea")
    assert fetch(f"{base}/empty")[0] == 503
    with pytest.raises(ClientError, match="PriorityInUse.*Priority '20' is currently in use"):
        rule(20, fixed, {"Field": "path-pattern", "Values": ["/z"]})
    elb.set_rule_priorities(RulePriorities=[{"RuleArn": path, "Priority": 5}])
    rules = elb.describe_rules(ListenerArn=listener)["Rules"]
    assert [r["Priority"] for r in rules] == ["5", "10", "30", "40", "50", "default"]
    with pytest.raises(ClientError, match="ResourceInUse"):
        elb.delete_target_group(TargetGroupArn=two)

    backends[0].status = 500
    until(lambda: states(aws, one) == [("unhealthy", "Target.ResponseCodeMismatch")])
    description = elb.describe_target_health(TargetGroupArn=one)["TargetHealthDescriptions"][0]["TargetHealth"]["Description"]
    assert description == "Health checks failed with these codes: [500]"
    assert fetch(base)[0] == 200  # no healthy target: any target
    elb.modify_target_group(TargetGroupArn=one, Matcher={"HttpCode": "200,500-503"})
    until(lambda: states(aws, one) == [("healthy", "")])
    elb.modify_target_group_attributes(
        TargetGroupArn=one, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "50"}]
    )
    elb.deregister_targets(TargetGroupArn=one, Targets=[{"Id": "127.0.0.1"}])
    assert states(aws, one) == [("draining", "Target.DeregistrationInProgress")]
    until(lambda: states(aws, one) == [])
    elb.register_targets(TargetGroupArn=one, Targets=[{"Id": "127.0.0.1", "Port": 1}])
    until(lambda: states(aws, one) == [("unhealthy", "Target.FailedHealthChecks")])
    assert fetch(base)[0] == 502
    elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    with pytest.raises(ClientError, match="LoadBalancerNotFound"):
        elb.describe_load_balancers(LoadBalancerArns=[balancer["LoadBalancerArn"]])


def test_https_and_network_load_balancers(aws: Aws, network: tuple[str, list[str]], backends: list) -> None:
    elb, (vpc, subnets) = aws.elbv2, network
    web = elb.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]
    net = elb.create_load_balancer(Name="net", Subnets=subnets, Type="network")["LoadBalancers"][0]
    one, tcp = group(aws, "one", vpc), group(aws, "tcp", vpc, Protocol="TCP", HealthCheckProtocol="TCP")
    for arn in (one, tcp):
        elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": "127.0.0.1", "Port": backends[0].server_port}])
    certificate = [{"CertificateArn": f"arn:aws:acm:us-east-1:{aws.account}:certificate/x"}]

    def listen(balancer: dict, port: int, protocol: str, target: str, **more: object) -> None:
        actions = [{"Type": "forward", "TargetGroupArn": target}]
        elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Port=port, Protocol=protocol, DefaultActions=actions, **more
        )

    with pytest.raises(ClientError, match="A certificate must be specified"):
        listen(web, 443, "HTTPS", one)
    listen(web, 443, "HTTPS", one, Certificates=certificate)
    listen(net, 8081, "TCP", tcp)
    listen(net, 8443, "TLS", tcp, Certificates=certificate)
    for arn in (one, tcp):
        until(lambda arn=arn: states(aws, arn) == [("healthy", "")])
    insecure = ssl._create_unverified_context()
    if ":" not in web["DNSName"]:
        assert urllib.request.urlopen(f"https://{web['DNSName']}/s", context=insecure).read() == b"one /s 127.0.0.1"
        assert fetch(f"http://{net['DNSName']}:8081/t") == (200, "one /t None")
        assert urllib.request.urlopen(f"https://{net['DNSName']}:8443/u", context=insecure).read() == b"one /u None"
    for balancer in (web, net):
        elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])


@needs_engine
def test_images(aws: Aws) -> None:
    other = Aws()
    for account in (aws, other):
        account.ecr.create_repository(repositoryName="app/api", tags=[{"Key": "a", "Value": "b"}])
    uri = aws.push("app/api", "one")
    assert uri.startswith(f"{ENV['ECR_REGISTRY']}/")
    image = aws.ecr.describe_images(repositoryName="app/api")["imageDetails"][0]
    assert image["imageTags"] == ["one"]
    assert image["imageSizeInBytes"] > 1000
    assert other.ecr.describe_images(repositoryName="app/api")["imageDetails"] == []
    digest = docker("inspect", "--format", "{{index .RepoDigests 0}}", uri).strip().split("@")[1]
    assert image["imageDigest"] == digest
    manifest = aws.ecr.batch_get_image(repositoryName="app/api", imageIds=[{"imageTag": "one"}])["images"][0]["imageManifest"]
    aws.ecr.put_image(repositoryName="app/api", imageManifest=manifest, imageTag="again")
    ids = aws.ecr.list_images(repositoryName="app/api")["imageIds"]
    assert sorted(i["imageTag"] for i in ids) == ["again", "one"]
    with pytest.raises(ClientError, match="ImageNotFoundException"):
        aws.ecr.describe_images(repositoryName="app/api", imageIds=[{"imageTag": "none"}])
    aws.ecr.batch_delete_image(repositoryName="app/api", imageIds=[{"imageTag": "again"}])
    assert [i["imageTag"] for i in aws.ecr.list_images(repositoryName="app/api")["imageIds"]] == ["one"]
    aws.push("app/api", "one", {"A": "other"})
    untagged = aws.ecr.list_images(repositoryName="app/api", filter={"tagStatus": "UNTAGGED"})["imageIds"]
    assert [i["imageDigest"] for i in untagged] == [digest]
    with pytest.raises(ClientError, match="RepositoryNotEmptyException"):
        aws.ecr.delete_repository(repositoryName="app/api")
    ids = aws.ecr.list_images(repositoryName="app/api")["imageIds"]
    answer = aws.ecr.batch_delete_image(repositoryName="app/api", imageIds=[*ids, {"imageTag": "none"}])
    assert answer["failures"][0]["failureCode"] == "ImageNotFound"
    assert aws.ecr.list_images(repositoryName="app/api")["imageIds"] == []
    aws.ecr.delete_repository(repositoryName="app/api")
    with pytest.raises(ClientError, match="RepositoryNotFoundException"):
        aws.ecr.list_images(repositoryName="app/api")
    assert login() is None
    assert probe()


def test_logs(aws: Aws) -> None:
    logs, now = aws.logs, int(time.time() * 1000)
    logs.create_log_group(logGroupName="/g")
    for stream, offset in (("copilot/fe/1", 0), ("copilot/fe/2", 1), ("copilot/nginx/1", 2)):
        logs.create_log_stream(logGroupName="/g", logStreamName=stream)
        events = [
            {"timestamp": now + 10 * n + offset, "message": f"{stream} line {n} {'ERROR' if n % 2 else 'info'}"} for n in range(5)
        ]
        logs.put_log_events(logGroupName="/g", logStreamName=stream, logEvents=events)

    def found(**arguments: object) -> list[str]:
        return [e["message"] for e in logs.filter_log_events(logGroupName="/g", **arguments)["events"]]

    assert len(found()) == 15
    assert found() == [
        e["message"] for e in sorted(logs.filter_log_events(logGroupName="/g")["events"], key=lambda e: e["timestamp"])
    ]
    assert len(found(filterPattern="ERROR")) == 6
    assert len(found(filterPattern='ERROR "line 3"')) == 3
    assert len(found(filterPattern="?ERROR ?info")) == 15
    assert len(found(filterPattern="-ERROR")) == 9
    assert len(found(logStreamNamePrefix="copilot/fe")) == 10
    assert len(found(logStreamNames=["copilot/nginx/1"])) == 5
    assert found(startTime=now + 40) == [f"copilot/{s} line 4 info" for s in ("fe/1", "fe/2", "nginx/1")]
    assert len(found(endTime=now + 10)) == 4
    seen, token = [], {}
    while True:
        answer = logs.filter_log_events(logGroupName="/g", limit=4, interleaved=True, **token)
        seen += [e["eventId"] for e in answer["events"]]
        if "nextToken" not in answer:
            break
        token = {"nextToken": answer["nextToken"]}
    assert len(seen) == len(set(seen)) == 15

    def get(**arguments: object) -> dict:
        return logs.get_log_events(logGroupName="/g", logStreamName="copilot/fe/1", **arguments)

    assert [e["timestamp"] - now for e in get(limit=2)["events"]] == [30, 40]
    first = get(limit=2, startFromHead=True)
    second = get(limit=10, nextToken=first["nextForwardToken"])
    assert [e["timestamp"] - now for e in first["events"] + second["events"]] == [0, 10, 20, 30, 40]
    third = get(nextToken=second["nextForwardToken"])
    assert (third["events"], third["nextForwardToken"]) == ([], second["nextForwardToken"])
    logs.put_log_events(logGroupName="/g", logStreamName="copilot/fe/1", logEvents=[{"timestamp": now + 99, "message": "new"}])
    assert [e["message"] for e in get(nextToken=third["nextForwardToken"])["events"]] == ["new"]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.filter_log_events(logGroupName="/none")


def test_roles(aws: Aws) -> None:
    other = Aws()
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": aws.account}, "Action": "sts:AssumeRole"}],
    }
    role = other.iam.create_role(RoleName="env-manager", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    found = aws.sts.assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    import boto3

    sts = boto3.client(
        "sts", endpoint_url=ENV["AWS_ENDPOINT_URL"], region_name="us-east-1", aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"], aws_session_token=found["SessionToken"],
    )  # fmt: skip
    assert sts.get_caller_identity()["Account"] == other.account
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.sts.assume_role(RoleArn=role + "-none", RoleSessionName="session")


def test_cloud_map(aws: Aws, network: tuple[str, list[str]]) -> None:
    cloud = aws.servicediscovery
    operation = cloud.create_private_dns_namespace(Name="a.local", Vpc=network[0])["OperationId"]
    namespace = cloud.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
    service = cloud.create_service(Name="api", NamespaceId=namespace)["Service"]["Id"]
    with pytest.raises(ClientError, match="ResourceInUse"):
        cloud.delete_namespace(Id=namespace)
    cloud.register_instance(ServiceId=service, InstanceId="i", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.1"})
    with pytest.raises(ClientError, match="ResourceInUse"):
        cloud.delete_service(Id=service)
    cloud.deregister_instance(ServiceId=service, InstanceId="i")
    cloud.delete_service(Id=service)
    cloud.delete_namespace(Id=namespace)


def definition(aws: Aws, **more: object) -> str:
    arguments = {
        "family": "f", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "containerDefinitions": [{"name": "c", "image": "x", "portMappings": [{"containerPort": 80}]}], **more,
    }  # fmt: skip
    return aws.ecs.register_task_definition(**arguments)["taskDefinition"]["taskDefinitionArn"]


def test_ecs_refusals(aws: Aws, network: tuple[str, list[str]]) -> None:
    ecs, (vpc, subnets) = aws.ecs, network
    with pytest.raises(ClientError, match="No Fargate configuration exists for given values: 256 CPU, 4096 memory"):
        definition(aws, memory="4096")
    arn = definition(aws)
    assert arn.endswith("task-definition/f:1")
    assert ecs.describe_task_definition(taskDefinition="f")["taskDefinition"]["revision"] == 1
    with pytest.raises(ClientError, match="ClusterNotFoundException"):
        ecs.create_service(cluster="none", serviceName="s", taskDefinition=arn)
    ecs.create_cluster(clusterName="c", capacityProviders=["FARGATE"])
    net = {"awsvpcConfiguration": {"subnets": subnets}}

    def create(**more: object) -> None:
        ecs.create_service(cluster="c", serviceName="s", taskDefinition=arn, **more)

    with pytest.raises(ClientError, match="Network Configuration must be provided"):
        create()
    with pytest.raises(ClientError, match="The subnet ID 'subnet-1' does not exist"):
        create(networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}})
    target = group(aws, "g", vpc)
    balancer = [{"targetGroupArn": target, "containerName": "c", "containerPort": 80}]
    with pytest.raises(ClientError, match="does not have an associated load balancer"):
        create(networkConfiguration=net, loadBalancers=balancer)
    with pytest.raises(ClientError, match="capacity provider that is not associated with the cluster"):
        create(networkConfiguration=net, capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT"}])
    create(networkConfiguration=net, desiredCount=0)
    with pytest.raises(ClientError, match="Creation of service was not idempotent"):
        create(networkConfiguration=net)
    with pytest.raises(ClientError, match="ClusterContainsServicesException"):
        ecs.delete_cluster(cluster="c")
    until(
        lambda: ecs.describe_services(cluster="c", services=["s"])["services"][0]["deployments"][0]["rolloutState"] == "COMPLETED"
    )
    assert [d["status"] for d in ecs.list_service_deployments(cluster="c", service="s")["serviceDeployments"]] == ["SUCCESSFUL"]
    ecs.delete_service(cluster="c", service="s")
    until(lambda: ecs.describe_services(cluster="c", services=["s"])["services"][0]["status"] == "INACTIVE")
    assert ecs.describe_services(cluster="c", services=["t"])["failures"][0]["reason"] == "MISSING"
    ecs.delete_cluster(cluster="c")


def test_auto_scaling(aws: Aws, network: tuple[str, list[str]]) -> None:
    aws.ecs.create_cluster(clusterName="c")
    aws.ecs.create_service(
        cluster="c",
        serviceName="s",
        taskDefinition=definition(aws),
        networkConfiguration={"awsvpcConfiguration": {"subnets": network[1]}},
    )
    target = {"ServiceNamespace": "ecs", "ResourceId": "service/c/s", "ScalableDimension": "ecs:service:DesiredCount"}
    with pytest.raises(ClientError, match="ECS service doesn't exist"):
        aws.autoscaling.register_scalable_target(**target | {"ResourceId": "service/c/none"}, MinCapacity=1, MaxCapacity=2)
    aws.autoscaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=5)
    policy = {"TargetValue": 70, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}
    aws.autoscaling.put_scaling_policy(
        **target, PolicyName="p", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=policy
    )
    (found,) = aws.autoscaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId="service/c/s")["ScalingPolicies"]
    names = [a["AlarmName"] for a in found["Alarms"]]
    assert len(aws.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]) == 2
    aws.autoscaling.deregister_scalable_target(**target)
    assert aws.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"] == []


def test_accounts_and_regions_do_not_meet(aws: Aws) -> None:
    other, europe = Aws(), aws.elsewhere("eu-west-1")
    aws.ecs.create_cluster(clusterName="c")
    assert other.ecs.list_clusters()["clusterArns"] == []
    assert europe.ecs.list_clusters()["clusterArns"] == []
    assert aws.sts.get_caller_identity()["Account"] == aws.account


def test_a_certificate_is_issued_once_its_records_are_found() -> None:
    app, env = Aws(), Aws(region="eu-west-1")
    domain = f"d{app.account}.example"
    root = app.route53.create_hosted_zone(Name=domain, CallerReference="r")["HostedZone"]["Id"]
    child = env.route53.create_hosted_zone(Name=f"test.{domain}", CallerReference="r")["HostedZone"]["Id"]

    def upsert(aws: Aws, zone: str, name: str, kind: str, value: str) -> None:
        record = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]}
        aws.route53.change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
        )

    names = [f"test.{domain}", f"*.test.{domain}"]
    request = {"DomainName": names[0], "SubjectAlternativeNames": names, "ValidationMethod": "DNS", "IdempotencyToken": "t"}
    arn = env.acm.request_certificate(**request, Tags=[{"Key": "k", "Value": "v"}])["CertificateArn"]
    assert env.acm.request_certificate(**request)["CertificateArn"] == arn

    def described() -> dict[str, object]:
        return dict(env.acm.describe_certificate(CertificateArn=arn)["Certificate"])

    options = env.acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
    record = options[0]["ResourceRecord"]
    assert options[1]["ResourceRecord"] == record
    upsert(env, child, record["Name"], "CNAME", record["Value"])
    # Nothing points to the zone of the environment yet.
    assert described()["Status"] == "PENDING_VALIDATION"
    upsert(app, root, f"test.{domain}", "NS", "ns-1.example.")
    assert described()["Status"] == "ISSUED"
    assert [c["CertificateArn"] for c in env.acm.list_certificates()["CertificateSummaryList"]] == [arn]
    assert env.acm.list_tags_for_certificate(CertificateArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    env.acm.delete_certificate(CertificateArn=arn)
    assert env.acm.list_certificates()["CertificateSummaryList"] == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        described()


def test_iam_tells_what_a_user_may_do(aws: Aws) -> None:
    iam = aws.iam
    iam.create_user(UserName="ci")
    statements = [
        {"Effect": "Allow", "Action": ["s3:Get*", "s3:PutObject"], "Resource": "arn:aws:s3:::good/*"},
        {"Effect": "Deny", "Action": "s3:GetObjectAcl", "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"team": "x"}}},
        {
            "Effect": "Allow",
            "NotAction": ["s3:*", "iam:*"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        },
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName="ci", PolicyName="own", PolicyDocument=policy)

    def decisions(resource: str, region: str) -> dict[str, str]:
        answer = iam.simulate_principal_policy(
            PolicySourceArn=iam.get_user(UserName="ci")["User"]["Arn"],
            ActionNames=["s3:GetObject", "s3:GetObjectAcl", "s3:DeleteObject", "iam:PassRole", "ecs:RunTask"],
            ResourceArns=[resource],
            ContextEntries=[
                {
                    "ContextKeyName": "aws:RequestedRegion",
                    "ContextKeyType": "string",
                    "ContextKeyValues": [region],
                }
            ],
        )
        results = answer["EvaluationResults"]
        return {one["EvalActionName"]: one["EvalDecision"] + "".join(one["MissingContextValues"]) for one in results}

    assert decisions("arn:aws:s3:::good/key", "eu-west-1") == {
        "s3:GetObject": "allowed",
        "s3:GetObjectAcl": "explicitDeny",
        "s3:DeleteObject": "implicitDeny",
        "iam:PassRole": "implicitDenyteam",
        "ecs:RunTask": "allowed",
    }
    assert decisions("arn:aws:s3:::other/key", "us-east-1") == {
        "s3:GetObject": "implicitDeny",
        "s3:GetObjectAcl": "explicitDeny",
        "s3:DeleteObject": "implicitDeny",
        "iam:PassRole": "implicitDenyteam",
        "ecs:RunTask": "implicitDeny",
    }
