"""Filters for analysis texts: citations become links into the trace, Markdown becomes safe HTML."""

import re

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from mender_handoff.domain.markdown import to_html

register = template.Library()
_SEQ = re.compile(r"\bseq:(\d{1,16})\b")


@register.filter
def cited(text: str, short_id: str) -> SafeString:
    """Plain text with each seq:N as a link to that event of the trace."""
    return _link(escape(text or ""), short_id)


@register.filter
def cited_elsewhere(text: str, short_id: str) -> SafeString:
    """The same for the page of another trace, whose playhead is not meant: a link, no more."""
    return _link(escape(text or ""), short_id, here=False)


@register.filter
def markdown(text: str, short_id: str = "") -> SafeString:
    """Markdown as HTML made only of our own tags.

    With citations as links where a trace is named.
    """
    html = to_html(text or "")
    return _link(html, short_id) if short_id else mark_safe(html)  # noqa: S308  # to_html escapes


def _link(html: str, short_id: str, *, here: bool = True) -> SafeString:
    page = escape(reverse("trace_app:trace", args=[short_id]))
    mark = r' data-seq="\1"' if here else ""
    linked = _SEQ.sub(rf'<a class="cite" href="{page}#seq=\1"{mark}>seq:\1</a>', html)
    return mark_safe(linked)  # noqa: S308  # escaped above, the rest is made here


@register.filter
def words(name: str) -> str:
    """A stored word as people write it: product_bug, pr_open."""
    return (name or "").replace("_", " ").replace("pr open", "PR open")


@register.filter
def percent(value: float | None) -> str:
    """A confidence 0…1 as a percentage; empty when nobody gave one."""
    return "" if value is None else f"{value * 100:.0f} %"


_TONES = {
    "applied": "pass",
    "merged": "pass",
    "validated": "pass",
    "done": "pass",
    "passed": "pass",
    "rejected": "",
    "failed": "fail",
    "error": "fail",
    "unproven": "warn",
    "needs_edit": "warn",
    "taken_over": "warn",
    "waiting": "accent",
    "running": "accent",
    "suggested": "accent",
}


@register.filter
def tone(word: str) -> str:
    """The badge colour of a state, outcome or result."""
    return _TONES.get(word or "", "")
