"""Steps dimension: verdict and error of each step."""

from trace_app.domain.diff.align import Aligned, StepPair
from trace_app.domain.diff.model import Row
from trace_app.domain.diff.view import StepView
from trace_app.domain.diff.volatile import template_text


def compare(aligned: Aligned) -> list[Row]:
    """One row per step whose verdict, error or wording differs, or that one side lacks."""
    rows = [_row(pair) for pair in aligned.pairs]
    return [row for row in rows if row is not None]


def _row(pair: StepPair) -> Row | None:
    a, b = pair.a, pair.b
    if a and b:
        return _changed(pair, a, b)
    one = b or a
    if one is None:
        return None
    return Row(
        change="added" if b else "removed",
        key=one.title,
        before=_verdict(a),
        after=_verdict(b),
        step_a=pair.no_a,
        step_b=pair.no_b,
        seq_a=a.seq if a else None,
        seq_b=b.seq if b else None,
        detail={"status_a": a.status if a else None, "status_b": b.status if b else None},
    )


def _changed(pair: StepPair, a: StepView, b: StepView) -> Row | None:
    reworded = template_text(a.title) != template_text(b.title)
    same_error = template_text(a.error or "") == template_text(b.error or "")
    if a.status == b.status and same_error and not reworded:
        return None
    return Row(
        change="changed",
        key=b.title,
        before=_verdict(a),
        after=_verdict(b),
        step_a=pair.no_a,
        step_b=pair.no_b,
        seq_a=a.seq,
        seq_b=b.seq,
        note=f"was: {a.title}" if reworded else "",
        detail={"status_a": a.status, "status_b": b.status, "title_a": a.title},
    )


def _verdict(step: StepView | None) -> str | None:
    if step is None:
        return None
    if step.status == "failed" and step.error:
        return f"failed: {step.error.partition('\n')[0]}"
    return {"not_run": "not run"}.get(step.status, step.status)
