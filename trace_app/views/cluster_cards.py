"""Failure clusters as the list's strip shows them: prepared strings, no queries."""

from collections.abc import Iterable
from functools import cache
from html import escape
from typing import Final
from urllib.parse import quote
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString

from trace_app.domain.wording import counted, without_ticks
from trace_app.queries.clusters import Cluster
from trace_app.templatetags.trace_ui import code_spans, sparkline

# Any signature: its place in an address is where another one goes.
_ANY: Final = UUID(int=0)


def cards(clusters: Iterable[Cluster], chosen: str) -> list[dict[str, SafeString]]:
    """What `parts/clusters.html` shows, escaped; `chosen` is a slug or hash the list is of."""
    address = reverse("trace_app:list")
    return [_card(cluster, address, chosen) for cluster in clusters]


def _card(cluster: Cluster, address: str, chosen: str) -> dict[str, SafeString]:
    signature = cluster.signature
    number, _, word = counted(cluster.count, "trace").partition(" ")
    texts = {
        "slug": signature.slug,
        "url": f"{address}?signature={quote(signature.hash)}",
        "why": _why().replace(str(_ANY), str(signature.pk)),
        "chosen": "true" if chosen in (signature.slug, signature.hash) else "",
        "told": without_ticks(cluster.about),
        "count": number,
        "word": word,
        "mood": cluster.mood,
        "state": cluster.state,
        "first": cluster.first_seen,
        "first_moment": cluster.first_moment,
        "last": cluster.last_seen,
        "last_moment": cluster.last_moment,
    }
    words = {name: SafeString(escape(text)) for name, text in texts.items()}
    return words | {"bars": sparkline(cluster.bars), "about": code_spans(cluster.about)}


@cache
def _why() -> str:
    """Looked up once, not for each of the cards of every page."""
    return reverse("trace_app:signature", args=[_ANY])
