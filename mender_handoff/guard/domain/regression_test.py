"""Makes the scenario that tests a fix.

Adds what the replay showed to change, finds what an edit weakened, inverts one
expectation. Pure: scenario in, scenario out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from debugger.domain.scenario import (
    Expectation,
    Scenario,
    ScenarioEditError,
    ScenarioError,
    format_expectation,
)
from debugger.domain.scenario.edit import (
    add_expectation,
    invert_expectation,
    replace_expectation,
)
from trace_app.domain.paths import path_of

MAX_ADDED = 3
MAX_VALUE = 80
#: What a clone keeps about itself repeats what its objects say.
_LOG = re.compile(r"^(events|webhook_deliveries|requests)\b")
#: State that differs from run to run or says nothing to a reader is no expectation.
_VOLATILE = re.compile(
    r"(^|[._])(id|created|updated|received|at|time|timestamp|secret|signature|token|"
    r"delivery_id|attempt|attempts|pending|number|url|client_secret|idempotency_key)([._]|$)"
)


@dataclass(frozen=True, slots=True)
class Addition:
    """An expectation taken over from the replay's diff, with its reason for people."""

    step: int
    expectation: Expectation
    reason: str

    @property
    def line(self) -> str:
        """As it is written in the scenario."""
        return format_expectation(self.expectation)


def from_diff(
    diff: Mapping[str, Any] | None, scenario: Scenario, failing_step: int
) -> list[Addition]:
    """What the edits changed for the better, as expectations that the scenario does not have."""
    dimensions = (diff or {}).get("dimensions") or {}
    found: list[Addition] = []
    for name, read in (("network", _from_network), ("clones", _from_clone)):
        for row in (dimensions.get(name) or {}).get("rows") or []:
            for addition in read(row):
                if _is_new(addition, scenario, found, failing_step):
                    found.append(addition)
    return found[:MAX_ADDED]


def extend(scenario: Scenario, additions: Iterable[Addition]) -> Scenario:
    """The scenario with the additions below their steps.

    One that cannot stand there is left out.
    """
    for addition in additions:
        try:
            scenario = add_expectation(scenario, addition.step, addition.expectation)
        except (ScenarioError, ScenarioEditError):
            continue
    return scenario


def _is_new(
    addition: Addition, scenario: Scenario, found: list[Addition], failing_step: int
) -> bool:
    """Only from the failing step on: before it, the red run would fail elsewhere."""
    if addition.step < failing_step or scenario.step(addition.step) is None:
        return False
    written = [one for step in scenario.steps for one in step.expectations]
    known = [*written, *(other.expectation for other in found)]
    if _subject(addition.expectation) in {_subject(one) for one in known}:
        return False
    return _twin(addition.expectation) not in {_twin(other.expectation) for other in found}


def _twin(one: Expectation) -> tuple[object, ...]:
    """Values that say the same twice: amount and amount_captured of one object."""
    if one.kind != "clone":
        return _subject(one)
    collection = str(one.args.get("path")).partition(".")[0]
    return ("clone", str(one.args.get("clone")), collection, str(one.args.get("value")))


def _subject(one: Expectation) -> tuple[object, ...]:
    """What it is about, without the value: two expectations of one subject would argue."""
    args = one.args
    if one.kind == "clone":
        # Which of several objects is meant does not make it another subject.
        path = re.sub(r"(^|\.)-?\d+(?=\.|$)", r"\1#", str(args.get("path")))
        return ("clone", str(args.get("clone")), path)
    names = {"network": ("method", "path"), "webhook": ("clone", "event")}
    keys = names.get(one.kind, tuple(sorted(args)))
    return (one.kind, *(str(args.get(key)) for key in keys))


def _step(row: Mapping[str, Any]) -> int | None:
    step = row.get("step_a") or row.get("step_b")
    return step if isinstance(step, int) and step > 0 else None


def _from_network(row: Mapping[str, Any]) -> list[Addition]:
    detail, step = row.get("detail") or {}, _step(row)
    path, method = str(detail.get("path_b") or ""), str(detail.get("method") or "POST")
    if step is None:
        return []
    return _answers(step, method, path, detail.get("status_a"), detail.get("status_b"))


def _answers(step: int, method: str, path: str, before: object, after: object) -> list[Addition]:
    """An address that answered an error, or was asked elsewhere, and answers well with the fix."""
    path = re.sub(r"\{[^}]*\}", "*", path.partition("?")[0])
    good = isinstance(after, int) and 200 <= after < 400
    bad = isinstance(before, int) and before >= 400
    if not (good and bad and path.startswith("/")):
        return []
    args = {"method": method, "path": path, "status": after}
    reason = f"{method} {path}: {before} became {after} with the fix"
    return [Addition(step, Expectation(kind="network", args=args), reason)]


def _from_clone(row: Mapping[str, Any]) -> list[Addition]:
    detail, step = row.get("detail") or {}, _step(row)
    if step is None:
        return []
    if detail.get("webhook"):
        return _from_webhook(detail, step)
    path = re.sub(r"\[(-?\d+)\]", r".\1", str(detail.get("path") or ""))
    before, after = detail.get("before"), detail.get("after")
    plain = isinstance(after, int | str) and isinstance(before, int | str) and before != after
    if not plain or _VOLATILE.search(path) or _LOG.match(path) or len(str(after)) > MAX_VALUE:
        return []
    args = {"clone": str(detail.get("clone")), "path": path, "op": "equals", "value": after}
    reason = f"{detail.get('clone')} {path}: {before} became {after} with the fix"
    return [Addition(step, Expectation(kind="clone", args=args), reason)]


def _from_webhook(detail: Mapping[str, Any], step: int) -> list[Addition]:
    before, after = detail.get("status_a"), detail.get("status_b")
    if not isinstance(after, int) or after >= 300 or (isinstance(before, int) and before < 300):
        return []
    args = {"clone": str(detail.get("clone")), "event": str(detail.get("webhook"))}
    reason = f"webhook {args['event']}: {before or 'no answer'} became {after} with the fix"
    found = [Addition(step, Expectation(kind="webhook", args=args), reason)]
    path = path_of(str(detail.get("url_b") or ""))
    return found + _answers(step, "POST", path, before, after)


def weakened(old: Scenario, new: Scenario) -> list[str]:
    """Expectations of the old scenario that the new one no longer demands, as they were written."""
    kept = [one for step in new.steps for one in step.expectations]
    lost = []
    for step in old.steps:
        for one in step.expectations:
            if one in kept:
                kept.remove(one)
            else:
                lost.append(f"step {step.no}: {one.text or format_expectation(one)}")
    return lost


@dataclass(frozen=True, slots=True)
class Inverted:
    """A scenario that must fail where the right one passes, and where."""

    scenario: Scenario
    step: int
    line: str


def inverted(old: Scenario, new: Scenario) -> Inverted | None:
    """One expectation inverted.

    The first at or after the first changed step, else the last one there is.
    """
    first = next(
        (b.no for a, b in zip(old.steps, new.steps, strict=False) if a.text != b.text),
        min(len(old.steps), len(new.steps)) or 1,
    )
    places = [
        (step.no, index, one)
        for step in new.steps
        for index, one in enumerate(step.expectations)
        if not one.negated
    ]
    chosen = next((place for place in places if place[0] >= first), None)
    if chosen is None and places:
        chosen = places[-1]
    if chosen is None:
        return None
    no, index, one = chosen
    turned = invert_expectation(one)
    return Inverted(replace_expectation(new, no, index, turned), no, format_expectation(turned))
