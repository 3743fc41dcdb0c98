"""Addresses of Trace's pages as others should store them: absolute, from TRACE_PUBLIC_URL.

Knows no Django urls.
"""

from __future__ import annotations

from urllib.parse import quote


def trace_link(
    public_url: str, short_id: str, *, step: int | None = None, seq: int | None = None
) -> str:
    """`{public_url}/traces/{short_id}?step=N#seq=M`."""
    link = f"{public_url.rstrip('/')}/traces/{quote(short_id, safe='')}"
    if step is not None:
        link += f"?step={step}"
    return link + (f"#seq={seq}" if seq is not None else "")


def replay_link(public_url: str, replay_id: str) -> str:
    """The page of one replay."""
    return f"{public_url.rstrip('/')}/replays/{quote(replay_id, safe='')}"


def attempt_link(public_url: str, attempt_id: str) -> str:
    """The page of one Mender attempt."""
    return f"{public_url.rstrip('/')}/mender/attempts/{quote(attempt_id, safe='')}"
