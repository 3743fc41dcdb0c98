"""When a red run proves the failure and a green one the fix. Compares; runs nothing."""

from collections.abc import Mapping
from typing import Any

Parts = Mapping[str, Any]


def _bare(part: object, keys: tuple[str, ...]) -> tuple[object, ...] | None:
    return tuple(part.get(key) for key in keys) if isinstance(part, Mapping) else None


def differences(
    wanted: Parts,
    found: Parts,
    *,
    wanted_step: tuple[int | None, str],
    found_step: tuple[int | None, str],
) -> list[str]:
    """What keeps a red run from being *this* failure: step, network error, frame. Empty is a match.

    A step is (number, text): an edit of the scenario may move it or reword it, not both.
    """
    reasons = []
    if wanted_step[0] != found_step[0] and (wanted_step[1] or "?") != found_step[1]:
        reasons.append(f"it failed at step {found_step[0]}, not at step {wanted_step[0]}")
    network = ("method", "path", "status")
    if _bare(wanted.get("network"), network) != _bare(found.get("network"), network):
        reasons.append(f"its network error is {_say(found)}, not {_say(wanted)}")
    frame = ("file", "function")
    if _bare(wanted.get("frame"), frame) != _bare(found.get("frame"), frame):
        reasons.append("the error comes out of another frame")
    return reasons


def _say(parts: Parts) -> str:
    found = _bare(parts.get("network"), ("method", "path", "status"))
    return " ".join(str(one) for one in found) if found else "none"
