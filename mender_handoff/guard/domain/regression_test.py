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

MAX_ADDED = 4
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
    """What the edits changed for the better.

    As expectations that the scenario does not have yet.
    """
    dimensions = (diff or {}).get("dimensions") or {}
    found: list[Addition] = []
    for name, read in (("network", _from_network), ("clones", _from_clone)):
        for row in (dimensions.get(name) or {}).get("rows") or []:
            addition = read(row)
            if addition is not None and _is_new(addition, scenario, found, failing_step):
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
    subjects = {_subject(one) for one in [*written, *(other.expectation for other in found)]}
    return _subject(addition.expectation) not in subjects


def _subject(one: Expectation) -> tuple[object, ...]:
    """What it is about, without the value: two expectations of one subject would argue."""
    args = one.args
    names = {
        "clone": ("clone", "path"),
        "network": ("method", "path"),
        "webhook": ("clone", "event"),
    }
    keys = names.get(one.kind, tuple(sorted(args)))
    return (one.kind, *(str(args.get(key)) for key in keys))


def _step(row: Mapping[str, Any]) -> int | None:
    step = row.get("step_a") or row.get("step_b")
    return step if isinstance(step, int) and step > 0 else None


def _from_network(row: Mapping[str, Any]) -> Addition | None:
    detail, step = row.get("detail") or {}, _step(row)
    before, after = detail.get("status_a"), detail.get("status_b")
    path = str(detail.get("path_b") or "").partition("?")[0]
    if step is None or not path.startswith("/") or not isinstance(after, int) or after >= 400:
        return None
    if not isinstance(before, int) or before < 400:
        return None
    path = re.sub(r"\{[^}]*\}", "*", path)
    method = str(detail.get("method") or "POST")
    args = {"method": method, "path": path, "status": after}
    reason = f"{method} {path} answered {before} and answers {after} with the fix"
    return Addition(step, Expectation(kind="network", args=args), reason)


def _from_clone(row: Mapping[str, Any]) -> Addition | None:
    detail, step = row.get("detail") or {}, _step(row)
    if step is None:
        return None
    if detail.get("webhook"):
        return _from_webhook(detail, step)
    path, before, after = str(detail.get("path") or ""), detail.get("before"), detail.get("after")
    plain = isinstance(after, (int, str)) and isinstance(before, (int, str)) and before != after
    if not plain or _VOLATILE.search(path) or len(str(after)) > 80:
        return None
    args = {"clone": str(detail.get("clone")), "path": path, "op": "equals", "value": after}
    reason = f"{detail.get('clone')} {path} was {before} and is {after} with the fix"
    return Addition(step, Expectation(kind="clone", args=args), reason)


def _from_webhook(detail: Mapping[str, Any], step: int) -> Addition | None:
    before, after = detail.get("status_a"), detail.get("status_b")
    if not isinstance(after, int) or after >= 300 or (isinstance(before, int) and before < 300):
        return None
    args = {"clone": str(detail.get("clone")), "event": str(detail.get("webhook"))}
    reason = f"webhook {args['event']} met {before or 'no answer'} and meets {after} with the fix"
    return Addition(step, Expectation(kind="webhook", args=args), reason)


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
