"""What somebody who sees this trace for the first time should look at first. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trace_app.domain.evidence import one_line
from trace_app.models import Trace


@dataclass(frozen=True, slots=True)
class Look:
    """One place to look at: a ribbon, what is there, and the event; `seq` may be unknown."""

    ribbon: str
    text: str
    seq: int | None


def first_look(trace: Trace) -> list[Look]:
    """The parts that made the failure's signature, in the order that leads to the cause."""
    return list(_looks(trace)) if trace.failing_step or trace.failing_seq else []


def _looks(trace: Trace) -> Iterator[Look]:
    parts = (trace.summary.get("signature") or {}).get("parts") or {}
    failure, network, frame = (_part(parts, name) for name in ("failure", "network", "frame"))
    said = one_line(trace.error_line)[:160] or "it failed"
    if trace.failing_step:
        yield Look("agent", f"Step {trace.failing_step}: {said}", trace.failing_seq)
    else:
        yield Look("console" if failure.get("kind") == "app" else "agent", said, trace.failing_seq)
    if network:
        status = network.get("status") or "failed"
        where = f"{network.get('method', '')} {network.get('path', '')}".strip()
        yield Look("network", f"{where} → {status}", _seq(network))
    if frame:
        inside = f" in {frame['function']}" if frame.get("function") else ""
        yield Look("console", f"{frame.get('file', '')}{inside}", _seq(frame))
    if not network and not frame and _seq(failure) not in (None, trace.failing_seq):
        yield Look("agent", str(failure.get("target") or "the assertion"), _seq(failure))


def _part(parts: Any, name: str) -> dict[str, Any]:
    found = parts.get(name) if isinstance(parts, dict) else None
    return found if isinstance(found, dict) else {}


def _seq(part: dict[str, Any]) -> int | None:
    seq = part.get("seq")
    return seq if isinstance(seq, int) else None
