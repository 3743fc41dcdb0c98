"""The plan as the guest reads it.

Plain JSON made by the host, typed where the guest relies on it.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step: what to do and what must hold. `action` and `expectations` are the plan's JSON."""

    no: int
    text: str
    title: str
    line: int
    action: Json
    expectations: tuple[Json, ...]

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Read one entry of the plan's `steps`."""
        return cls(
            no=value["no"],
            text=value["text"],
            title=value.get("title") or value["text"],
            line=value.get("line", 0),
            action=value["action"],
            expectations=tuple(value.get("expectations", ())),
        )

    @property
    def acts(self) -> bool:
        """False for a step that only expects something."""
        return self.action["verb"] not in ("expect", "assert")


@dataclass(frozen=True, slots=True)
class Plan:
    """A run.

    Steps, clones, application, and from where to start.

    `mode` is full, restore or fast_forward; `before` is the state before `from_step` (restore
    only): {"clones": {kind: snapshot}, "app": {"files": {path: base64}}, "browser": {...}}.
    `stretch` is how much longer everything may take on a busy machine; `timeout_ms` includes it.
    """

    scenario: Json
    seed: str
    timeout_ms: float
    steps: tuple[PlanStep, ...]
    clones: tuple[Json, ...]
    app: Json
    mode: str = "full"
    from_step: int = 1
    before: Json = field(default_factory=dict)
    stretch: float = 1.0

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the plan the host mounted."""
        value = json.loads(path.read_text(encoding="utf-8"))
        run = value.get("run", {})
        stretch, app = run.get("stretch", 1.0), value["app"]
        return cls(
            scenario=value.get("scenario") or {},
            seed=value.get("seed", "trace"),
            timeout_ms=value.get("timeout_ms", 5000) * stretch,
            steps=tuple(PlanStep.from_json(step) for step in value["steps"]),
            clones=tuple(value.get("clones", ())),
            app={**app, "ready_timeout": (app.get("ready_timeout") or 30) * stretch},
            mode=run.get("mode", "full"),
            from_step=run.get("from_step", 1),
            before=run.get("before") or {},
            stretch=stretch,
        )
