"""What an engine of the Debugger is: it turns a question into a reply, by tools alone."""

from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from debugger.domain.edits import Edits
from debugger.tools.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class Proposal:
    """A replay that the engine would like to run; only a person may start it."""

    from_step: int
    edits: Edits = field(default_factory=Edits)
    mode: str | None = None

    def to_arguments(self) -> dict[str, Any]:
        """The arguments of the `run_layer2_replay` tool, as they are stored and hashed."""
        return {"from_step": self.from_step, "edits": self.edits.to_json(), "mode": self.mode}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in plain text with citations; not yet checked."""

    text: str
    proposal: Proposal | None = None


class EngineError(Exception):
    """The engine failed or could not be reached. The message is for people and names no cause."""


class Engine(Protocol):
    """An engine reads through the toolbox and changes nothing."""

    name: str

    def summarize(self, tools: Toolbox) -> Reply:
        """The forensic summary the chat opens with."""
        ...

    def answer(self, tools: Toolbox, question: str) -> Reply:
        """The reply to one question."""
        ...


def load_engine() -> Engine:
    """The engine that settings.DEBUGGER_ENGINE names; loaded late, so a model costs nothing."""
    return cast(Engine, import_string(settings.DEBUGGER_ENGINE)())
