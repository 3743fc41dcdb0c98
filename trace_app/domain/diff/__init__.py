"""The diff engine: what differs between two traces, and what became worse."""

from trace_app.domain.diff.engine import diff_traces
from trace_app.domain.diff.model import (
    DIMENSIONS,
    Dimension,
    Regression,
    Row,
    TraceDiff,
    from_json,
)
from trace_app.domain.diff.sentence import headline
from trace_app.domain.diff.view import PageText, StepView, TraceView

__all__ = [
    "DIMENSIONS",
    "Dimension",
    "PageText",
    "Regression",
    "Row",
    "StepView",
    "TraceDiff",
    "TraceView",
    "diff_traces",
    "from_json",
    "headline",
]
