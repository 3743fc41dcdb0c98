"""Pairs the steps of two runs by what they say, because an edit may insert or rename a step."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from trace_app.domain.diff.view import StepView, TraceView
from trace_app.domain.diff.volatile import template_text
from trace_app.domain.events import Event

_RAN = ("passed", "failed")


@dataclass(frozen=True, slots=True)
class StepPair:
    """The same step in a and b; one side is None where the other run has no such step."""

    a: StepView | None
    b: StepView | None

    @property
    def no_a(self) -> int | None:
        """The step's number in a."""
        return self.a.no if self.a else None

    @property
    def no_b(self) -> int | None:
        """The step's number in b."""
        return self.b.no if self.b else None


@dataclass(frozen=True, slots=True)
class Aligned:
    """Step pairs in order from the first step both ran, with each side's events per pair."""

    pairs: tuple[StepPair, ...]
    first_step: int

    def bucket(self, events: list[Event], side: str) -> list[list[Event]]:
        """Events per pair; what lies before the first compared step is left out."""
        index: dict[int, int] = {}
        for position, pair in enumerate(self.pairs):
            step = pair.a if side == "a" else pair.b
            if step is not None:
                index[step.no] = position
        buckets: list[list[Event]] = [[] for _ in self.pairs]
        for event in events:
            if event.step is not None and event.step in index:
                buckets[index[event.step]].append(event)
        return buckets


def align(a: TraceView, b: TraceView) -> Aligned:
    """Pair steps from the later of the two first steps on (a restored replay has no earlier)."""
    first = max(a.first_step, b.first_step)
    left = [step for step in a.steps if step.no >= first]
    right = [step for step in b.steps if step.no >= first]
    if not left and not right:
        return Aligned((StepPair(_whole(), _whole()),), 1) if _stepless(a, b) else Aligned((), 1)
    titles_a = [template_text(step.title) for step in left]
    titles_b = [template_text(step.title) for step in right]
    pairs: list[StepPair] = []
    for code in SequenceMatcher(None, titles_a, titles_b, autojunk=False).get_opcodes():
        _tag, a1, a2, b1, b2 = code
        pairs.extend(_zip_block(left[a1:a2], right[b1:b2]))
    return Aligned(tuple(pairs), first)


def _stepless(a: TraceView, b: TraceView) -> bool:
    return not a.steps and not b.steps


def _whole() -> StepView:
    return StepView(no=0, title="whole run", status="passed")


def _zip_block(left: list[StepView], right: list[StepView]) -> list[StepPair]:
    shared = min(len(left), len(right))
    pairs = [StepPair(left[i], right[i]) for i in range(shared)]
    pairs.extend(StepPair(step, None) for step in left[shared:])
    pairs.extend(StepPair(None, step) for step in right[shared:])
    return pairs


def both_ran(pair: StepPair) -> bool:
    """True when the step was executed on both sides: only then does absence mean something."""
    return bool(pair.a and pair.b and pair.a.status in _RAN and pair.b.status in _RAN)
