"""DOM snapshots of a trace, rendered as self-contained HTML without script."""

from trace_app.domain.playwright.snapshot.render import (
    SNAPSHOT_POLICY,
    Element,
    Rendered,
    Renderer,
    RenderError,
)

__all__ = ["SNAPSHOT_POLICY", "Element", "RenderError", "Rendered", "Renderer"]
