"""Changes to LocalStack itself, made before its gateway starts."""

import sys
import uuid
from typing import Any

from localstack.aws.api import RequestContext

from wharf_localstack.aws import error, role_exists


def apply() -> None:
    loopback_only()
    own_directories()
    logs()
    express_mode()
    assume_role()
    simulation()
    security_groups()
    if sys.version_info < (3, 12):
        kms_on_old_python()
    states()
    leftovers()


def loopback_only() -> None:
    """LocalStack's server ignores the host part of GATEWAY_LISTEN and listens on every address."""
    from localstack import config
    from twisted.internet import endpoints

    host = config.GATEWAY_LISTEN[0].host
    original = endpoints.TCP4ServerEndpoint.__init__

    def init(self: Any, reactor: Any, port: int, backlog: int = 50, interface: str = "") -> None:
        original(self, reactor, port, backlog, interface or host)

    endpoints.TCP4ServerEndpoint.__init__ = init


def own_directories() -> None:
    """LocalStack keeps objects of S3 in one directory of the machine, whoever runs it."""
    from localstack.services.s3 import provider

    from wharf_localstack.settings import SETTINGS

    provider.DEFAULT_S3_TMP_DIR = str(SETTINGS.state / "s3")


def logs() -> None:
    from localstack.services.logs.provider import LogsProvider

    from wharf_localstack.logs import change_provider

    change_provider(LogsProvider)


def states() -> None:
    from wharf_localstack.states import fails_with_its_task

    fails_with_its_task()


def express_mode() -> None:
    """LocalStack's description of CloudFormation's API is older than DeploymentConfig. It is changed where it was read from."""
    from localstack.aws.spec import loader

    shapes = loader.load_service_model("cloudformation", "service-2")["shapes"]
    if "DeploymentConfig" in shapes:
        return
    shapes["DeploymentConfigMode"] = {"type": "string", "enum": ["STANDARD", "EXPRESS"]}
    shapes["DeploymentConfig"] = {
        "type": "structure",
        "members": {"Mode": {"shape": "DeploymentConfigMode"}, "DisableRollback": {"shape": "DisableRollback"}},
    }
    for operation in ("CreateStack", "UpdateStack", "DeleteStack", "RollbackStack", "CreateChangeSet"):
        shapes[f"{operation}Input"]["members"]["DeploymentConfig"] = {"shape": "DeploymentConfig"}
    for shape in ("Stack", "DescribeChangeSetOutput"):
        shapes[shape]["members"]["DeploymentConfig"] = {"shape": "DeploymentConfig"}


def assume_role() -> None:
    """LocalStack lets anyone assume a role that does not exist."""
    from localstack.aws.api import handler
    from localstack.services.sts.provider import StsProvider

    original = StsProvider.assume_role

    def checked(self: Any, context: RequestContext, role_arn: str, *arguments: Any, **parameters: Any) -> Any:
        account, name = role_arn.split(":")[4], role_arn.split("/")[-1]
        if not role_exists(account, name):
            raise error(
                "AccessDenied",
                f"User: arn:aws:iam::{context.account_id}:root is not authorized to perform: sts:AssumeRole on resource: {role_arn}",
                403,
            )
        return original(self, context, role_arn, *arguments, **parameters)

    checked.__name__ = "assume_role"  # handlers are found by name
    StsProvider.assume_role = handler("AssumeRole")(checked)


def security_groups() -> None:
    """Moto walks through dictionaries that other requests change meanwhile."""
    from moto.ec2.models.security_groups import SecurityGroupBackend

    original = SecurityGroupBackend.create_security_group

    def create(self: Any, *arguments: Any, **parameters: Any) -> Any:
        for _ in range(20):
            try:
                return original(self, *arguments, **parameters)
            except RuntimeError as failure:
                if "changed size during iteration" not in str(failure):
                    raise
        return original(self, *arguments, **parameters)

    SecurityGroupBackend.create_security_group = create


def simulation() -> None:
    from localstack.services.iam.resources.policy_simulator import BasicIAMPolicySimulator

    from wharf_localstack.iam import simulate

    BasicIAMPolicySimulator.simulate_principal_policy = simulate


def kms_on_old_python() -> None:
    """LocalStack gives uuid5 bytes, which Python takes from 3.12 on."""
    from localstack.services.kms.models import KmsKey

    def key_material_id(self: Any, key_material: bytes) -> str:
        return uuid.uuid5(self._internal_key_id, key_material.hex()).hex * 2

    KmsKey.generate_key_material_id = key_material_id


def leftovers() -> None:
    """Containers of an earlier run that was killed."""
    from wharf_localstack.ecs.engine import ENGINE

    if ENGINE is not None:
        ENGINE.remove_everything()
