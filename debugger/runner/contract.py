"""What the runner is asked and what it answers. Plain values; running is in director.py."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from debugger.domain.edits import Edits

Mode = Literal["full", "restore", "fast_forward"]
Status = Literal["passed", "failed", "diverged", "error", "refused", "canceled"]
Json = dict[str, Any]

_ROOT = Path(__file__).resolve().parents[2]


def default_cache() -> Path:
    """Where built dependencies are kept between runs."""
    return Path(os.environ.get("TRACE_VAR") or _ROOT / "var") / "runner"


@dataclass(frozen=True, slots=True)
class RunLabels:
    """What the record says about why it was made; `source` is one of the trace sources."""

    branch: str = ""
    pr: int | None = None
    source: str = "manual"
    check_id: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """A step as the parent recorded it.

    `aria_after` is the page's accessible text after it; when it is None the capsule is asked.
    """

    no: int
    status: str
    aria_after: str | None = None


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step as it came out now."""

    no: int
    text: str
    title: str
    status: str
    error: str | None = None
    aria_after: str | None = None


@dataclass(frozen=True, slots=True)
class ScenarioRef:
    """A scenario found in a tree."""

    slug: str
    id: str
    title: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """One run: which commit, which scenario, which edits, from which step, and where to write.

    `scenario` is a slug or an id; `scenario_text` replaces the tree's file. `capsule` is the parsed
    capsule.json of the parent. `on_progress(phase, step)` is called from the calling thread, and
    so is `should_cancel()`, about once a second.
    """

    repository: Path
    sha: str
    scenario: str
    out_dir: Path
    edits: Edits = field(default_factory=Edits)
    from_step: int = 1
    mode: Mode = "full"
    capsule: Json | None = None
    recorded: tuple[RecordedStep, ...] = ()
    labels: RunLabels = field(default_factory=RunLabels)
    on_progress: Callable[[str, int | None], None] = lambda phase, step: None
    should_cancel: Callable[[], bool] = lambda: False
    scenario_text: str | None = None
    acknowledged_setup: bool = False
    cache_dir: Path = field(default_factory=default_cache)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run came to. `bundle` is a file in `out_dir`, None when nothing was recorded.

    `mode` is the one that was really used. `changed_before` says what came out differently before
    `from_step`; `ran_blobs` maps each path of the tree that ran to its blob sha.
    """

    status: Status
    message: str = ""
    bundle: Path | None = None
    steps: tuple[StepResult, ...] = ()
    failing_step: int | None = None
    log_tail: str = ""
    level: str = ""
    mode: Mode = "full"
    mode_reason: str = ""
    ran_blobs: Mapping[str, str] = field(default_factory=dict)
    changed_before: tuple[str, ...] = ()
