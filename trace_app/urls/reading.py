"""The pages that read one trace, mounted once per kind of reader: a session, a share, an embed.

Whoever reads, these are the same views; `trace_app.http.read_access` tells them who it is.
"""

from collections.abc import Callable
from typing import Final

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, register_converter

from trace_app.domain.shares import REFERENCE, SharedRef
from trace_app.views import (
    elements,
    evidence,
    media,
    network_panel,
    panels,
    source,
    stream,
    trace,
    windows,
)

type View = Callable[..., HttpResponseBase]

_PAGES: Final[tuple[tuple[str, View, str], ...]] = (
    ("", trace.trace_page, "trace"),
    ("/live", trace.live, "live"),
    ("/stream", stream.stream, "stream"),
    ("/steps", trace.steps, "trace_steps"),
    ("/index.json", trace.index, "index"),
    ("/panels/<slug:name>", panels.panel, "panel"),
    ("/rows.json", windows.rows, "rows"),
    ("/marks.json", windows.marks, "marks"),
    ("/step-source", source.step_source, "step_source"),
    ("/frames/<int:seq>", media.frame, "frame"),
    ("/snapshots/<int:seq>", media.snapshot, "snapshot"),
    ("/snapshots/<int:seq>/elements", elements.element_list, "elements"),
    ("/exchanges/<int:seq>", network_panel.exchange, "exchange"),
    ("/members/<path:name>", media.member, "member"),
    ("/evidence/<int:seq>", evidence.evidence, "evidence"),
)


class SharedRefConverter:
    """`xY9zQ2mNp/<secret>` in an address. Another trace's name finds no address in a share."""

    regex = REFERENCE

    def to_python(self, value: str) -> SharedRef:
        """Read it; whether such a share exists is asked later."""
        return SharedRef(*value.split("/"))

    def to_url(self, value: object) -> str:
        """Write it. Raises ValueError, which reads as "no such address", for anything else."""
        if not isinstance(value, SharedRef):
            raise ValueError("Not a share.")  # noqa: TRY004 (Django asks for ValueError)
        return f"{value.short_id}/{value.secret}"


register_converter(SharedRefConverter, "share")


def reading(trace_path: str, wrap: Callable[[View], View] | None = None) -> list[URLPattern]:
    """The pages below an address that captures `ref`."""
    return [
        path(f"{trace_path}{rest}", wrap(view) if wrap else view, name=name)
        for rest, view, name in _PAGES
    ]
