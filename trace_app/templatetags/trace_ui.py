"""Small pieces of the trace pages that templates cannot build: times, sizes, JSON trees, diffs."""

import html
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django import template
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from trace_app.domain import event_text, wording
from trace_app.domain.network_rows import header_pairs

register = template.Library()
MAX_NODES: Final = 3000
MAX_TEXT: Final = 2000
_TIERS: Final = {
    "hot": "Hot: everything is kept, and a replay can begin at any step",
    "warm": "Warm: the whole record is kept; a replay runs the steps before live",
    "cold": "Cold: archived; it can be thawed to look into it again",
}
_EMPTY: Final = ' class="none"'


@register.filter
def duration(ms: float | None) -> str:
    """Milliseconds for people."""
    return wording.duration(ms)


@register.filter
def ago(moment: datetime) -> str:
    """How long ago, for people."""
    return wording.ago(moment, timezone.now())


@register.filter
def clock(ms: float | None) -> str:
    """A moment of a trace as the scrubber writes it."""
    return "" if ms is None else wording.clock(ms)


@register.filter
def bytes_text(number: float | None) -> str:
    """Bytes for people."""
    return wording.size(number)


@register.filter
def tier_words(tier: str) -> str:
    """What a tier means for who reads the trace."""
    return _TIERS.get(tier, "")


@register.filter
def plain(name: str) -> str:
    """A machine's word for people: `product bug`."""
    return name.replace("_", " ")


@register.filter
def code_spans(text: object) -> SafeString:
    """What stands between backticks as `<code>`; everything is escaped, being captured text."""
    parts = wording.code_spans(str(text if text is not None else ""))
    written = (f"<code>{html.escape(x)}</code>" if code else html.escape(x) for code, x in parts)
    return mark_safe("".join(written))  # noqa: S308 (escaped above)


@register.filter
def without_ticks(text: object) -> str:
    """The same for attributes and options, which have no markup: the backticks go."""
    return wording.without_ticks(str(text if text is not None else ""))


@register.filter
def pairs(headers: Any) -> list[tuple[str, str]]:
    """Headers as (name, value), whether recorded as a mapping or as a list of pairs."""
    return header_pairs(headers)


@register.filter
def short_url(url: Any) -> str:
    """The path of an address, which tells more than its host where there is little room."""
    return event_text.short_url(url)


@register.filter
def member_of(mapping: Any, name: str) -> Any:
    """A mapping's value by a name that only the template knows; None where there is none."""
    return mapping.get(name) if isinstance(mapping, dict) else None


@register.filter
def member(body: Any) -> str:
    """The archive member a stored body lives in; empty when it is elsewhere or absent."""
    return str(body.get("$member") or "") if isinstance(body, dict) else ""


@register.filter
def json_tree(value: Any, changed: Collection[str] = ()) -> SafeString:
    """A JSON value as nested lists that open and close without script.

    `changed` holds paths like `payments[0].amount`; they and their ancestors are marked and open.
    """
    budget = iter(range(MAX_NODES))
    return mark_safe("".join(_tree(value, "", 0, frozenset(changed), budget)))  # noqa: S308


@register.simple_tag
def options(words: Iterable[str], chosen: str) -> SafeString:
    """The options of a select, the chosen one selected; hundreds are no loop of a template."""
    written = (
        f"<option{' selected' if word == chosen else ''}>{html.escape(word)}</option>"
        for word in words
    )
    return mark_safe("".join(written))  # noqa: S308 (escaped above)


@register.simple_tag
def sparkline(bars: Sequence[int]) -> SafeString:
    """Counts as bars in a drawing of 110 × 28, up to 14 of them; an empty one is a thin line."""
    top = max(*bars, 3)
    drawn = (
        f'<rect x="{8 * no}" y="{27 - round(26 * bar / top)}" width="6" '
        f'height="{round(26 * bar / top) + 1}" rx="1"{"" if bar else _EMPTY}/>'
        for no, bar in enumerate(bars)
    )
    return mark_safe("".join(drawn))  # noqa: S308 (numbers)


def _tree(
    value: Any, path: str, depth: int, changed: frozenset[str], budget: Iterator[int]
) -> Iterator[str]:
    members = _members(value, path)
    if members is None:
        yield _scalar(value)
        return
    yield '<ul class="tree">'
    for name, inner, where in members:
        if next(budget, None) is None:
            yield '<li class="muted">… more than this page shows</li>'
            break
        mark = ' class="changed"' if where in changed else ""
        yield f"<li{mark}>{_member(name, inner, where, depth, changed)}"
        yield from _nested(inner, where, depth, changed, budget)
        yield "</li>"
    yield "</ul>"


def _members(value: Any, path: str) -> list[tuple[str, Any, str]] | None:
    """(name, value, path) of an object's or a list's members; None for a scalar or an empty one."""
    if isinstance(value, dict) and value:
        return [
            (str(key), inner, f"{path}.{key}" if path else str(key)) for key, inner in value.items()
        ]
    if isinstance(value, list) and value:
        return [(str(i), inner, f"{path}[{i}]") for i, inner in enumerate(value)]
    return None


def _member(name: str, inner: Any, where: str, depth: int, changed: frozenset[str]) -> str:
    key = f'<span class="key">{escape(name)}</span>'
    if not (isinstance(inner, dict | list) and inner):
        return f"{key} "
    count = f"{{{len(inner)}}}" if isinstance(inner, dict) else f"[{len(inner)}]"
    touched = any(path.startswith(where) for path in changed)
    is_open = " open" if depth < 1 or touched else ""
    return f'<details{is_open}><summary>{key} <span class="muted">{count}</span></summary>'


def _nested(
    inner: Any, where: str, depth: int, changed: frozenset[str], budget: Iterator[int]
) -> Iterator[str]:
    yield from _tree(inner, where, depth + 1, changed, budget)
    if isinstance(inner, dict | list) and inner:
        yield "</details>"


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        cut = value if len(value) <= MAX_TEXT else value[:MAX_TEXT] + "…"
        return f'<span class="str">{escape(json.dumps(cut, ensure_ascii=False))}</span>'
    if value is None or isinstance(value, bool):
        return f'<span class="lit">{ {None: "null", True: "true", False: "false"}[value] }</span>'
    if isinstance(value, dict | list):
        return '<span class="muted">empty</span>'
    return f'<span class="num">{escape(str(value))}</span>'
