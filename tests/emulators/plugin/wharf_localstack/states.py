"""Step Functions: a task that a state waits for (`ecs:runTask.sync`) fails the state when a container of it fails.

LocalStack's state succeeds as soon as the task has stopped, whatever it came to.
"""

from collections.abc import Callable
from typing import Any


def fails_with_its_task() -> None:
    from localstack.aws.api.stepfunctions import HistoryEventType, TaskFailedEventDetails
    from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
        FailureEvent,
        FailureEventException,
    )
    from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name import StatesErrorName
    from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name_type import (
        StatesErrorNameType,
    )
    from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (
        state_task_service_ecs,
    )
    from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails
    from localstack.services.stepfunctions.asl.utils.encoding import to_json_str

    kind = state_task_service_ecs.StateTaskServiceEcs
    original = kind._build_sync_resolver

    def build(self: Any, env: Any, *arguments: Any, **parameters: Any) -> Callable[[], Any]:
        resolve = original(self, env, *arguments, **parameters)

        def resolved() -> Any:
            task = resolve()
            if task is None or succeeded(task):
                return task
            details = TaskFailedEventDetails(
                resource=self._get_sfn_resource(),
                resourceType=self._get_sfn_resource_type(),
                error=StatesErrorNameType.StatesTaskFailed.to_name(),
                cause=to_json_str(task),
            )
            raise FailureEventException(
                FailureEvent(
                    env=env,
                    error_name=StatesErrorName(typ=StatesErrorNameType.StatesTaskFailed),
                    event_type=HistoryEventType.TaskFailed,
                    event_details=EventDetails(taskFailedEventDetails=details),
                )
            )

        return resolved

    kind._build_sync_resolver = build


def succeeded(task: dict[str, Any]) -> bool:
    """Whether every container ran and none failed. What stopped because the task did is no failure of its own."""
    codes = [container.get("ExitCode") for container in task.get("Containers", [])]
    return 0 in codes and all(code in (0, 137, 143) for code in codes)
