"""Faults a scenario injects into a clone: answer this path with that status. Not state."""

import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Self

from .wire import Request, Response


class FaultError(ValueError):
    """A fault was described wrongly; the message says how."""


@dataclass(slots=True)
class Fault:
    """Answer ``status`` to matching requests, ``left`` more times (None: always)."""

    method: str
    path: str
    status: int
    left: int | None = None
    body: Any = None

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read ``{"method", "path", "status", "times"?, "body"?}``; raises FaultError."""
        if not isinstance(value, dict):
            raise FaultError("a fault is an object with method, path and status")
        status, times = value.get("status"), value.get("times")
        if not isinstance(status, int) or not 100 <= status <= 599:
            raise FaultError("status must be a number from 100 to 599")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise FaultError("times must be a positive number")
        method, path = str(value.get("method", "*")).upper(), str(value.get("path", "*"))
        return cls(method, path, status, times, value.get("body"))

    def to_json(self) -> dict[str, Any]:
        """The fault with what is left of it."""
        shown = {"method": self.method, "path": self.path, "status": self.status}
        return {**shown, "times": self.left, "body": self.body}

    def matches(self, request: Request) -> bool:
        """Whether this request is to be answered with the fault."""
        same_method = self.method in ("*", request.method)
        return same_method and self.left != 0 and fnmatchcase(request.path, self.path)


class Faults:
    """The faults in force, tried in the order they were added."""

    def __init__(self) -> None:
        """Start without faults."""
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def replace(self, faults: list[Fault]) -> None:
        """Put these in place of all others."""
        with self._lock:
            self._faults = list(faults)

    def add(self, fault: Fault) -> None:
        """Add one after the others."""
        with self._lock:
            self._faults.append(fault)

    def to_json(self) -> list[dict[str, Any]]:
        """All faults, spent ones included."""
        with self._lock:
            return [fault.to_json() for fault in self._faults]

    def answer(self, request: Request) -> Response | None:
        """The response of the first matching fault, which is used up by one; else None."""
        with self._lock:
            for fault in self._faults:
                if fault.matches(request):
                    if fault.left is not None:
                        fault.left -= 1
                    body = fault.body or {"error": {"message": "Injected fault", "type": "fault"}}
                    return Response(fault.status, body)
        return None
