"""What a cluster is about, in one line; among clusters of one slug, what only this one has."""

from collections.abc import Mapping, Sequence
from typing import Any

type Parts = Mapping[str, Any]


def about(parts: Parts) -> str:
    """What failed: the target of the assertion or action, else its message; empty if unknown."""
    failure = _part(parts, "failure")
    return str(failure.get("target") or failure.get("message") or "")


def told_apart(clusters: Sequence[tuple[str, Parts, str]]) -> list[str]:
    """A line for each cluster, given as (slug, signature's parts, name of its project).

    Where a slug stands once, what failed; where it stands twice, the first thing that all of the
    clusters with it have differently.
    """
    return [_telling(own, [other for other in clusters if other[0] == own[0]]) for own in clusters]


def _telling(own: tuple[str, Parts, str], alike: Sequence[tuple[str, Parts, str]]) -> str:
    _, parts, project = own
    if len(alike) == 1:
        return about(parts)
    mine = _facets(parts, project)
    every = zip(*(_facets(other, name) for _, other, name in alike), strict=True)
    for text, texts in zip(mine, every, strict=True):
        if text and len(set(texts)) == len(alike):
            return text
    # No single thing is different in all of them: the whole of it is.
    return " · ".join(dict.fromkeys(filter(None, mine)))


def _facets(parts: Parts, project: str) -> tuple[str, ...]:
    """What people can tell clusters by, the most telling first; what is not known is named."""
    failure, network, frame = (_part(parts, name) for name in ("failure", "network", "frame"))
    status = network.get("status") or "failed"
    asked = f"{network.get('method', '')} {network.get('path', '')} → {status}" if network else ""
    inside = f" in {frame['function']}" if frame.get("function") else ""
    return (
        about(parts),
        asked or "no failed request",
        f"{frame.get('file', '')}{inside}" if frame else "no application frame",
        str(failure.get("message") or "no message"),
        project,
    )


def _part(parts: Parts, name: str) -> Mapping[str, Any]:
    found = parts.get(name)
    return found if isinstance(found, Mapping) else {}
