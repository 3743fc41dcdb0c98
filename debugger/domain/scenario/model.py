"""What a scenario is, once read: typed values and their lines. Not how it is played."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

VERBS: Final = (
    "navigate",
    "fill",
    "click",
    "hover",
    "select",
    "upload",
    "press",
    "assert",
    "expect",
    "wait",
    "snapshot",
    "screenshot",
    "inject_error",
    "advance_clock",
    "request",
)
TARGET_KINDS: Final = ("button", "link", "field", "text", "test-id", "css")
EXPECTATION_KINDS: Final = (
    "text",
    "value",
    "url",
    "network",
    "webhook",
    "clone",
    "mail",
    "console",
)
MAX_STEPS: Final = 500


@dataclass(frozen=True, slots=True)
class Target:
    """What an action or expectation points at on the page."""

    kind: str
    value: str
    exact: bool

    def to_json(self) -> dict[str, object]:
        """The plan's form: {"kind", "value", "exact"}."""
        return {"kind": self.kind, "value": self.value, "exact": self.exact}


def default_exact(kind: str) -> bool:
    """Whether a target of this kind must match its whole name when nothing is said."""
    return kind != "text"


@dataclass(frozen=True, slots=True)
class Action:
    """What a step does. `options` holds what only this verb has (see plan.py)."""

    verb: str
    target: Target | None = None
    value: str | None = None
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must hold after a step. Two are equal when they say the same, wherever they stand.

    `args` by kind: text {value, target}, value {target, value}, url {value},
    network {method, path, status}, webhook {clone, event}, clone {clone, path, op, value},
    mail {to, contains}, console {}. `text` is the line as written, from "expect" on.
    """

    kind: str
    args: Mapping[str, object]
    negated: bool = False
    line: int = field(default=0, compare=False)
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered step. `line` is where it stands, `text` what is written after its number."""

    no: int
    text: str
    line: int
    action: Action
    expectations: tuple[Expectation, ...] = ()

    @property
    def last_line(self) -> int:
        """The last line that belongs to this step (its last nested expectation)."""
        return max([self.line, *(e.line for e in self.expectations)])


@dataclass(frozen=True, slots=True)
class CloneUse:
    """A clone this scenario needs, and the seed its ids come from."""

    kind: str
    seed: str | None


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The typed head of a scenario."""

    spec_version: str
    id: str
    slug: str
    description: str = ""
    clones: tuple[CloneUse, ...] = ()
    timeout_ms: int = 5000
    tags: tuple[str, ...] = ()
    seed: str = "trace"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario with its source lines (ends kept), so that rendering gives the same bytes."""

    head: FrontMatter
    title: str
    steps: tuple[Step, ...]
    lines: tuple[str, ...]
    path: str = ""

    @property
    def id(self) -> str:
        """The identifier in the front matter (UUID as written)."""
        return self.head.id

    @property
    def slug(self) -> str:
        """The name in paths and addresses."""
        return self.head.slug

    def step(self, no: int) -> Step | None:
        """The step with this number, or None."""
        return self.steps[no - 1] if 1 <= no <= len(self.steps) else None
