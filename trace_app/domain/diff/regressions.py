"""What became worse: the rules that forbid a promotion. Differences that are no worse pass."""

from trace_app.domain.diff.align import Aligned
from trace_app.domain.diff.console import message_key, text_of
from trace_app.domain.diff.model import Regression
from trace_app.domain.diff.network import exchanges
from trace_app.domain.diff.view import TraceView
from trace_app.domain.diff.volatile import template_text
from trace_app.domain.events import Event

_STATE_KINDS = ("clone", "webhook", "mail")


def find(a: TraceView, b: TraceView, aligned: Aligned) -> tuple[Regression, ...]:
    """New regressions of b against a, by step; two runs of the same code have none."""
    found = [
        *_steps(aligned),
        *_network(a, b),
        *_page_errors(a, b),
        *_clone_values(a, b),
    ]
    # A step that fails now stands above what made it fail.
    return tuple(
        sorted(found, key=lambda item: (item.step or 0, item.kind != "step", item.seq or 0))
    )


def _steps(aligned: Aligned) -> list[Regression]:
    return [
        Regression("step", f"Step {pair.b.no} passed before and fails now", pair.b.seq, pair.b.no)
        for pair in aligned.pairs
        if pair.a and pair.b and (pair.a.status, pair.b.status) == ("passed", "failed")
    ]


def _network(a: TraceView, b: TraceView) -> list[Regression]:
    # The whole of a counts, also what lies before a restored start: a known failure is not new.
    known = {item.name for item in exchanges(a) if item.failed}
    found: list[Regression] = []
    for item in exchanges(b):
        if item.failed and item.name not in known:
            known.add(item.name)
            text = f"{item.name} answers {item.outcome}"
            found.append(Regression("network", text, item.cite, item.step))
    return found


def _page_errors(a: TraceView, b: TraceView) -> list[Regression]:
    known = {message_key(event) for event in a.of_kind("page.error")}
    found: list[Regression] = []
    for event in b.of_kind("page.error"):
        if message_key(event) not in known:
            known.add(message_key(event))
            text = f"Page error: {text_of(event).partition('\n')[0][:200]}"
            found.append(Regression("page_error", text, event.seq, event.step))
    return found


def _clone_values(a: TraceView, b: TraceView) -> list[Regression]:
    """A clone value that an expectation calls wrong, unless the same expectation failed before."""
    known = {_expectation(event) for event in _wrong(a)}
    return [
        Regression("clone_value", _wrong_text(event), event.seq, event.step)
        for event in _wrong(b)
        if _expectation(event) not in known
    ]


def _wrong(view: TraceView) -> list[Event]:
    return [
        event
        for event in view.of_kind("assertion")
        if event.data.get("ok") is False and event.data.get("kind") in _STATE_KINDS
    ]


def _expectation(event: Event) -> str:
    return template_text(str(event.data.get("text") or event.data.get("message") or ""))


def _wrong_text(event: Event) -> str:
    data = event.data
    said = data.get("text") or data.get("kind")
    return f"{said}: expected {data.get('expected')}, got {data.get('actual')}"[:300]
