"""Settings, all from the environment (see README.md for what each is for)."""

import os
from dataclasses import dataclass, field
from pathlib import Path


def _text(name: str, default: str = "") -> str:
    return os.environ.get(f"WHARF_EMULATORS_{name}", default)


def _number(name: str, default: float) -> float:
    return float(_text(name) or default)


@dataclass(frozen=True)
class Settings:
    """What the start script passes on."""

    #: Label of this copy's containers and networks.
    id: str = field(default_factory=lambda: _text("ID", "default"))
    state: Path = field(default_factory=lambda: Path(_text("STATE", "/tmp/wharf-emulators")))
    #: ``host:port`` of the registry behind ECR, and the password of its user ``AWS``.
    registry: str = field(default_factory=lambda: _text("REGISTRY", "127.0.0.1:5055"))
    registry_password: str = field(default_factory=lambda: _text("REGISTRY_PASSWORD"))
    #: ``unix:///…`` of the container engine; empty: tasks are simulated.
    engine_host: str = field(default_factory=lambda: _text("ENGINE_HOST"))
    #: Seconds here per second of AWS: health check intervals, drain times, grace periods.
    time_factor: float = field(default_factory=lambda: _number("TIME_FACTOR", 0.01))
    #: Failed tasks that trip the circuit breaker; 0: AWS's rule (half of the desired count, at least 3, at most 200).
    breaker_threshold: int = field(default_factory=lambda: int(_number("BREAKER_THRESHOLD", 0)))
    #: Seconds between SIGTERM and SIGKILL.
    stop_seconds: float = field(default_factory=lambda: _number("STOP_SECONDS", 1.0))
    #: Seconds in which a container that does not listen yet is not held against it.
    startup_seconds: float = field(default_factory=lambda: _number("STARTUP_SECONDS", 3.0))
    #: Seconds of each step of a simulated task (no engine).
    step_seconds: float = field(default_factory=lambda: _number("STEP_SECONDS", 0.1))

    #: Least seconds of a bake time that is not 0.
    bake_seconds: float = field(default_factory=lambda: _number("BAKE_SECONDS", 1.0))

    def scaled(self, seconds: float, least: float = 0.0) -> float:
        """Seconds of AWS in seconds here."""
        return max(seconds * self.time_factor, least)


SETTINGS = Settings()
