"""DOM dimension: the accessibility tree's text at the end of each step, else title and address."""

from difflib import SequenceMatcher

from trace_app.domain.diff.align import Aligned, StepPair, both_ran
from trace_app.domain.diff.model import Row
from trace_app.domain.diff.view import PageText, TraceView
from trace_app.domain.diff.volatile import template_text, template_url
from trace_app.domain.events import Event

_MOST_LINES = 2000
KINDS = ("dom.snapshot", "dom.navigation")


def pages(view: TraceView) -> dict[int, PageText]:
    """{step: text}. What the view brings wins over what snapshot events carry."""
    found: dict[int, PageText] = {}
    for event in view.of_kind(*KINDS):
        if event.step is None or event.data.get("frame_is_main") is False:
            continue
        known = found.get(event.step)
        text = _event_text(event)
        if text and (known is None or len(text) > 0):
            found[event.step] = PageText(event.seq, text)
    found.update(view.page_text)
    return found


def _event_text(event: Event) -> str:
    aria = event.data.get("aria")
    if isinstance(aria, str):
        return aria
    title = event.data.get("title")
    url = template_url(str(event.data.get("url", "")))
    return f"page {url}" + (f'\ntitle "{title}"' if title else "")


def compare(a: TraceView, b: TraceView, aligned: Aligned) -> list[Row]:
    """Lines that differ, at the step where each first shows.

    Sides captured in different ways are not compared.
    """
    pages_a, pages_b = pages(a), pages(b)
    seen: set[tuple[str | None, str | None]] = set()
    rows: list[Row] = []
    for pair in aligned.pairs:
        left = pages_a.get(pair.no_a) if pair.no_a is not None else None
        right = pages_b.get(pair.no_b) if pair.no_b is not None else None
        if left and right and _comparable(left, right):
            fresh = [
                row for row in _lines(pair, left, right) if (row.before, row.after) not in seen
            ]
            seen.update((row.before, row.after) for row in fresh)
            rows.extend(fresh)
    return rows


def _comparable(a: PageText, b: PageText) -> bool:
    return a.text.startswith("page /") == b.text.startswith("page /")


def _lines(pair: StepPair, a: PageText, b: PageText) -> list[Row]:
    left, right = _clean(a.text), _clean(b.text)
    rows: list[Row] = []
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        shared = min(a2 - a1, b2 - b1)
        rows.extend(_row(pair, a, b, (left[a1 + i], right[b1 + i])) for i in range(shared))
        rows.extend(_row(pair, a, b, (line, None)) for line in left[a1 + shared : a2])
        rows.extend(_row(pair, a, b, (None, line)) for line in right[b1 + shared : b2])
    return rows


def _clean(text: str) -> list[str]:
    """Lines without the marks of nesting: `  - row "Total":` is row "Total"."""
    lines = (line.strip().removeprefix("- ").removesuffix(":") for line in text.splitlines())
    return [template_text(line) for line in lines if line][:_MOST_LINES]


def _row(pair: StepPair, a: PageText, b: PageText, text: tuple[str | None, str | None]) -> Row:
    before, after = text
    return Row(
        change="changed" if before and after else ("removed" if before else "added"),
        key="page text",
        before=before,
        after=after,
        step_a=pair.no_a,
        step_b=pair.no_b,
        seq_a=a.seq,
        seq_b=b.seq,
        minor=not both_ran(pair),
    )
