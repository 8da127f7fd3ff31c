"""What LocalStack loads: services and start hooks."""

from localstack.runtime import hooks
from localstack.services.plugins import Service, aws_provider


@aws_provider(api="cloudformation", name="wharf")
def cloudformation() -> Service:
    from wharf_localstack.cloudformation.api import CloudFormationApi

    return CloudFormationApi().as_service()


@aws_provider(api="ecs")
def ecs() -> Service:
    from wharf_localstack.ecs.api import EcsApi

    return EcsApi().as_service()


@aws_provider(api="ecr")
def ecr() -> Service:
    from wharf_localstack.ecr import EcrApi

    return EcrApi().as_service()


@aws_provider(api="elbv2")
def elbv2() -> Service:
    from wharf_localstack.elbv2.api import ElbApi

    return ElbApi().as_service()


@aws_provider(api="application-autoscaling")
def autoscaling() -> Service:
    from wharf_localstack.autoscaling import AutoscalingApi

    return AutoscalingApi().as_service()


@aws_provider(api="apprunner")
def apprunner() -> Service:
    from wharf_localstack.apprunner import AppRunnerApi

    return AppRunnerApi().as_service()


@aws_provider(api="servicediscovery")
def servicediscovery() -> Service:
    from wharf_localstack.cloudmap import CloudMapApi

    return CloudMapApi().as_service()


@aws_provider(api="resourcegroupstaggingapi", name="wharf")
def tagging() -> Service:
    from wharf_localstack.tagging import TaggingApi

    return TaggingApi().as_service()


@aws_provider(api="acm", name="wharf")
def acm() -> Service:
    from wharf_localstack.acm import AcmApi

    return AcmApi().as_service()


def _moto(api: str) -> Service:
    from wharf_localstack.aws import MotoApi

    return MotoApi(api).as_service()


@aws_provider(api="efs")
def efs() -> Service:
    return _moto("efs")


@aws_provider(api="rds")
def rds() -> Service:
    return _moto("rds")


@aws_provider(api="codepipeline")
def codepipeline() -> Service:
    from wharf_localstack.code import CodePipelineApi

    return CodePipelineApi().as_service()


@aws_provider(api="codestar-connections")
def codestar_connections() -> Service:
    from wharf_localstack.code import ConnectionsApi

    return ConnectionsApi().as_service()


@aws_provider(api="codebuild")
def codebuild() -> Service:
    return _moto("codebuild")


@aws_provider(api="organizations")
def organizations() -> Service:
    return _moto("organizations")


@aws_provider(api="cloudfront")
def cloudfront() -> Service:
    from wharf_localstack.cloudfront import CloudFrontApi

    return CloudFrontApi().as_service()


@hooks.on_infra_start()
def on_start() -> None:
    from wharf_localstack import changes

    changes.apply()

    from localstack.services.edge import ROUTER

    from wharf_localstack import cloudfront

    for path in ("", "<path:path>"):
        ROUTER.add(f"{cloudfront.SITES}/<account>/<name>/{path}", cloudfront.serve)


@hooks.on_infra_shutdown()
def on_shutdown() -> None:
    from wharf_localstack.ecs.engine import ENGINE

    if ENGINE is not None:
        ENGINE.remove_everything()
