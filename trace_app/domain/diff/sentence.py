"""Says in one sentence what changed between two traces. Picks from the rows, compares nothing."""

from collections.abc import Callable, Iterable, Sequence

from trace_app.domain.diff.model import Dimension, Regression, Row, TraceDiff
from trace_app.domain.diff.volatile import template_text

type SayRow = Callable[[Row], str]

_SAME = "Same verdict in every step"
_MOST_EVIDENCE = 3
_MOST_TEXT = 90


def compose(dimensions: dict[str, Dimension], regressions: tuple[Regression, ...]) -> str:
    """`Step 7 now passes: POST /api/webhooks/stripe answers 200 instead of 404; … 9000 → 900`."""
    verdict, about = _verdict(dimensions["steps"])
    evidence = _evidence(dimensions, about)
    if not verdict and not evidence:
        return "Nothing differs: same verdicts, requests, messages and clone states."
    head = verdict or _SAME
    sentence = f"{head}: {'; '.join(evidence)}" if evidence else head
    told = [item for item in regressions if "now fails" not in head or item.kind == "page_error"]
    return f"{sentence}.{_warning(told)}"


def headline(found: TraceDiff) -> tuple[str, str]:
    """The sentence as a headline, which is its verdict, and the reasons that follow it."""
    head = _verdict(found.dimensions["steps"])[0] or _SAME
    if found.sentence.startswith(f"{head}: "):
        return head, found.sentence.removeprefix(f"{head}: ")
    return found.sentence, ""


def _verdict(steps: Dimension) -> tuple[str, int | None]:
    """The step whose verdict matters most, in words, and its number in b (else in a)."""
    for wanted, words in (
        (("passed", "failed"), "now fails"),
        (("failed", "passed"), "now passes"),
        (("failed", "failed"), "still fails, otherwise"),
    ):
        row = next((row for row in steps.rows if _statuses(row) == wanted), None)
        if row is not None:
            also = _others(steps, row, wanted)
            return f"Step {row.step_b} {words}{also}", row.step_b
    return _worded(steps)


def _others(steps: Dimension, row: Row, wanted: tuple[str, str]) -> str:
    """After a mended step the rest could run: worth saying when all of it passed or one failed."""
    if wanted != ("failed", "passed"):
        return ""
    later = [item for item in steps.rows if (item.step_b or 0) > (row.step_b or 0)]
    failed = [item for item in later if item.detail.get("status_b") == "failed"]
    return f" but step {failed[0].step_b} fails" if failed else ""


def _statuses(row: Row) -> tuple[str, str]:
    return (str(row.detail.get("status_a")), str(row.detail.get("status_b")))


def _worded(steps: Dimension) -> tuple[str, int | None]:
    row = steps.first
    if row is None:
        return "", None
    if row.change == "added":
        return f"Step {row.step_b} is new (“{row.key}”)", row.step_b
    if row.change == "removed":
        return f"Step {row.step_a} is gone (“{row.key}”)", None
    return f"Step {row.step_b} is {row.after}, it was {row.before}", row.step_b


def _evidence(dimensions: dict[str, Dimension], about: int | None) -> list[str]:
    """At most three reasons, from network, clones and console, the mended step's first."""
    picks = [
        _pick(dimensions["network"].rows, about, _network_text),
        _pick(telling(dimensions["clones"].rows), about, _value_text),
        _pick(dimensions["console"].rows, about, _console_text),
    ]
    texts = [text for text in picks if text]
    if not texts:
        later = (dimensions["storage"], dimensions["dom"])
        texts = [_value_text(dim.first) for dim in later if dim.first is not None]
    return texts[:_MOST_EVIDENCE]


def _pick(rows: Iterable[Row], about: int | None, say: SayRow) -> str:
    loud = [row for row in rows if not row.minor]
    ranked = sorted(loud, key=lambda row: (row.step_b != about, row.change != "changed"))
    return say(ranked[0]) if ranked else ""


def telling(rows: Sequence[Row]) -> list[Row]:
    """The values that tell most: what the scenario expects, else numbers, else plain values."""
    changed = [row for row in rows if "path" in row.detail and row.change == "changed"]
    expected = [row for row in changed if row.detail.get("expected")]
    plain = [row for row in changed if not row.minor]
    numbers = [row for row in plain if isinstance(row.detail.get("after"), int | float)]
    return expected or numbers or plain or changed or list(rows)


def _network_text(row: Row) -> str:
    if row.change == "changed" and row.detail["template_a"] == row.detail["template_b"]:
        return f"{row.key} answers {row.after} instead of {row.before}"
    if row.change == "changed":
        status_a, status_b = row.detail["status_a"], row.detail["status_b"]
        if status_a is not None and status_b is not None and status_a != status_b:
            return f"{row.key} answers {status_b} instead of {status_a}"
        return f"{row.before} became {row.after}"
    if row.change == "added":
        return f"{row.key} is new and answers {row.after}"
    return f"{row.key} is no longer sent"


def _value_text(row: Row) -> str:
    name = str(row.detail.get("path") or row.key)
    if row.change == "changed":
        before, after = _apart(row.before or "", row.after or "")
        return f"{name} {_cut(before)} → {_cut(after)}"
    if row.change == "added":
        return f"{name} is new" if "path" in row.detail else f"{name} {_cut(row.after)} is new"
    return f"{name} is gone"


def _console_text(row: Row) -> str:
    if row.change == "added":
        return f"new message “{_cut(row.after)}”"
    return f"“{_cut(row.before)}” is gone"


def _apart(before: str, after: str) -> tuple[str, str]:
    """Of two long texts the words around the first difference; short texts whole."""
    if len(before) <= _MOST_TEXT and len(after) <= _MOST_TEXT:
        return before, after
    a, b = before.split(), after.split()
    same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
    start = max(0, same - 1)
    lead = "… " if start else ""
    return lead + " ".join(a[start : same + 3]), lead + " ".join(b[start : same + 3])


def _cut(text: str | None) -> str:
    folded = template_text(text or "")
    return folded if len(folded) <= _MOST_TEXT else folded[: _MOST_TEXT - 1] + "…"


def _warning(regressions: Sequence[Regression]) -> str:
    if not regressions:
        return ""
    more = f" and {len(regressions) - 1} more" if len(regressions) > 1 else ""
    return f" New regression: {regressions[0].detail}{more}."
