"""Tells what differs between this trace and a green one, with citations into both."""

from collections.abc import Iterable

from debugger.domain.citations import cite
from debugger.domain.wording import bullet, code, paragraphs, plural, say
from debugger.tools.case import Case
from trace_app.domain.diff import DIMENSIONS, Dimension, Row, StepView, TraceDiff
from trace_app.domain.diff.sentence import telling
from trace_app.models import Trace

_MAX_BULLETS = 3
_MAX_PAGE = 2
_MAX_ROWS = 10


def against_green(case: Case, step: StepView) -> list[str]:
    """The few differences up to the failing step that say most."""
    green, diff = case.green, case.diff
    if green is None or diff is None:
        return []
    rows = [
        *_upto(diff.dimensions["network"].rows, step.no),
        *_upto(telling(diff.dimensions["clones"].rows), step.no),
        *_upto(diff.dimensions["dom"].rows, step.no)[:_MAX_PAGE],
    ]
    lines = [difference(row, green.short_id) for row in rows]
    return [f"{_green_name(green)} differs:", *lines] if lines else []


def _upto(rows: Iterable[Row], step: int) -> list[Row]:
    loud = [row for row in rows if not row.minor and (row.step_b or 0) <= step]
    ranked = sorted(loud, key=lambda row: (row.change != "changed", -(row.step_b or 0)))
    return _once(ranked)[:_MAX_BULLETS]


def _once(rows: Iterable[Row]) -> list[Row]:
    """The same difference repeated (a retry, a second delivery) is told once."""
    return list({(row.key, row.after or row.before): row for row in reversed(list(rows))}.values())[
        ::-1
    ]


def _green_name(green: Trace) -> str:
    branch = f" on {say(green.branch, 60)}" if green.branch else ""
    sha = f" ({green.code_sha[:7]})" if green.code_sha else ""
    return f"The last green run {green.short_id}{branch}{sha}"


def difference(row: Row, green_ref: str) -> str:
    """One row as a bullet; `a` is the green run."""
    name = code(row.key, 120)
    before = f"{code(row.before, 120)} {cite([row.seq_a], green_ref)}".strip()
    after = f"{code(row.after, 120)} {cite([row.seq_b])}".strip()
    if row.change == "changed":
        return bullet(f"{name}: {before} in green, {after} here")
    if row.change == "removed":
        return bullet(f"{name}: {before} in green, missing here")
    return bullet(f"{name}: {after} here, not in green")


def comparison(case: Case, green: Trace, diff: TraceDiff, only: str | None) -> str:
    """The answer to “compare with the last green run”, all dimensions or one."""
    names = DIMENSIONS if only is None else (only,)
    head = f"{_green_name(green)} is left, this trace is right: {say(diff.sentence, 500)}"
    return paragraphs(head, *(_dimension(diff.dimensions[n], green.short_id) for n in names))


def _dimension(dimension: Dimension, green_ref: str) -> list[str]:
    title = {"dom": "Page text"}.get(dimension.name, dimension.name.capitalize())
    if not (dimension.captured_a and dimension.captured_b):
        missing = (
            "either run"
            if not (dimension.captured_a or dimension.captured_b)
            else ("the green run" if not dimension.captured_a else "this run")
        )
        return [f"{title}: not captured in {missing}."]
    rows = [row for row in dimension.rows if not row.minor]
    if not rows:
        return [f"{title}: no difference."]
    once = _once(rows)
    lines = [difference(row, green_ref) for row in once[:_MAX_ROWS]]
    rest = len(once) - len(lines)
    more = [bullet(f"and {plural(rest, 'more difference')}")] if rest else []
    return [f"{title}, first divergence at step {_place(rows[0])}:", *lines, *more]


def _place(row: Row) -> str:
    return str(row.step_b if row.step_b is not None else row.step_a)
