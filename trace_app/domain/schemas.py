"""The published JSON schemas, made from the types that are enforced, so they cannot drift."""

from typing import Any, Final

import msgspec

from trace_app.domain.bundle import RunInfo
from trace_app.domain.events import KIND_RIBBON, MAX_DEPTH, MAX_KEYS, MAX_LINE_BYTES, Event

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_STATES: Final = ["captured", "not_captured", "unread", "restricted", "expired"]


def event_schema() -> dict[str, Any]:
    """One line of events.ndjson, with the ribbon of each kind as a comment."""
    found = _inline(Event)
    found["title"] = "Event"
    found["description"] = (
        "One line of events.ndjson, version 1. seq is strictly increasing in a trace, ref names "
        f"an earlier seq, data is nested at most {MAX_DEPTH} deep with at most {MAX_KEYS} keys, "
        f"a line has at most {MAX_LINE_BYTES} bytes."
    )
    found["properties"]["kind"]["$comment"] = ", ".join(
        f"{kind}: {ribbon}" for kind, ribbon in KIND_RIBBON.items()
    )
    return {"$schema": _DRAFT, **found}


def run_schema() -> dict[str, Any]:
    """run.json of a bundle. Unknown fields are ignored."""
    schema = msgspec.json.schema(RunInfo)
    return {"$schema": _DRAFT, "title": "run.json, version 1", **schema}


def summary_schema() -> dict[str, Any]:
    """summary.json of a trace; `mender_summary` is there once an attempt exists."""
    number = {"type": ["integer", "null"]}
    text = {"type": "string"}
    return {
        "$schema": _DRAFT,
        "title": "summary.json, version 1",
        "type": "object",
        "required": ["schema", "status", "signature", "counts", "steps", "availability"],
        "properties": {
            "schema": {"const": 1},
            "status": {"enum": ["passed", "failed", "error", "aborted"]},
            "failing_step": number,
            "failing_seq": number,
            "error": text,
            "signature": {"anyOf": [{"type": "null"}, _signature()]},
            "counts": {"type": "object", "additionalProperties": _counts()},
            "events": {"type": "integer"},
            "steps": {"type": "array", "items": _step()},
            "attachments": {"type": "array", "maxItems": 200, "items": _attachment()},
            "availability": {"type": "object", "additionalProperties": {"enum": _STATES}},
            "redaction": _redaction(),
            "mender_summary": _mender_summary(),
        },
    }


def _attachment() -> dict[str, Any]:
    """A file that a test attached, of the Playwright zip. Traces of earlier versions name none."""
    words: dict[str, Any] = {name: {"type": "string"} for name in ("name", "type", "member")}
    numbers: dict[str, Any] = {name: {"type": "integer"} for name in ("step", "seq")}
    return {"type": "object", "required": [*numbers, *words], "properties": {**numbers, **words}}


def _redaction() -> dict[str, Any]:
    """What was masked before storing. Traces of earlier versions lack what is not required."""
    count = {"type": "integer", "minimum": 0}
    place = {
        "type": "object",
        "required": ["rule", "place", "times", "seqs"],
        "properties": {
            "rule": {"type": "string"},
            "place": {"type": "string", "description": "a ribbon, a part of the zip, blobs or run"},
            "times": count,
            "seqs": {"type": "array", "items": {"type": "integer"}, "description": "the first few"},
        },
    }
    return {
        "type": "object",
        "properties": {
            "values": {**count, "description": "different values"},
            "times": count,
            "late": {**count, "description": "of a live run: masked after they were stored"},
            "rules": {"type": "object", "additionalProperties": count},
            "where": {"type": "array", "items": place},
            "not_spread": {**count, "description": "values not looked for everywhere"},
            "unscanned": {"type": "object", "additionalProperties": count},
            "pixels": {"const": "not scanned"},
        },
    }


def _inline(type_: Any) -> dict[str, Any]:
    """A struct's schema without the detour over $defs."""
    schema = msgspec.json.schema(type_)
    name = schema["$ref"].rsplit("/", 1)[-1]
    found: dict[str, Any] = schema["$defs"][name]
    return found


def _signature() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["slug", "hash", "version", "parts"],
        "properties": {
            "slug": {"type": "string"},
            "hash": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
            "version": {"const": 1},
            "parts": {
                "type": "object",
                "required": ["failure", "network", "frame"],
                "properties": {
                    "failure": _part("kind", "target", "message"),
                    "network": {"anyOf": [{"type": "null"}, _network()]},
                    "frame": {"anyOf": [{"type": "null"}, _part("file", "function")]},
                },
            },
        },
    }


def _part(*names: str) -> dict[str, Any]:
    properties: dict[str, Any] = {name: {"type": "string"} for name in names}
    properties["seq"] = {"type": "integer"}
    return {"type": "object", "required": [*names, "seq"], "properties": properties}


def _network() -> dict[str, Any]:
    part = _part("method", "path")
    # 0: no answer came.
    part["properties"]["status"] = {"type": "integer", "minimum": 0}
    return part


def _counts() -> dict[str, Any]:
    names = ("total", "error", "warning")
    return {"type": "object", "properties": {name: {"type": "integer"} for name in names}}


def _step() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["no", "title", "status"],
        "properties": {
            "no": {"type": "integer"},
            "title": {"type": "string"},
            "status": {"enum": ["passed", "failed", "skipped", "not_run", "unfinished"]},
            "started_ms": {"type": ["number", "null"]},
            "ended_ms": {"type": ["number", "null"]},
            "seq_first": {"type": ["integer", "null"]},
            "seq_last": {"type": ["integer", "null"]},
            "failing_seq": {"type": ["integer", "null"]},
            "error": {"type": "string"},
            "depth": {"type": "integer"},
        },
    }


def _mender_summary() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["attempt_id", "classification", "confidence", "outcome", "state"],
        "properties": {
            "attempt_id": text,
            "classification": text,
            "confidence": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
            "analysis_line": text,
            "analysis_markdown": text,
            "outcome": text,
            "state": text,
            "pr_url": {"type": ["string", "null"]},
            "pr_number": {"type": ["integer", "null"]},
        },
    }
