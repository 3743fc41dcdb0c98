"""The base class of every clone: ids, clock, state, snapshot. Not the HTTP server.

A vendor's clone subclasses ``Clone``; ``server.serve`` puts it on a port with the admin API.
"""

import copy
import hashlib
import threading
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from .faults import Faults
from .journal import Journal
from .wire import Request, Response, canonical

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# 2026-01-15 09:00:00 UTC: any fixed moment will do, as long as each run starts at the same.
EPOCH = 1768467600


class SnapshotError(ValueError):
    """A snapshot is not one of this clone; the message says what was expected."""


class Unmodelled(Exception):
    """The vendor has this call or parameter, the clone has not: answered with 501."""


class Clone:
    """A stand-in for one vendor.

    ``state`` is plain JSON and all that a re-run must reproduce: same seed and same calls give
    the same bytes. Everything tied to the wall clock stays out of it. ``lock`` guards the state.
    """

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    # Sent with a 501, so that an SDK need not try again what is not there.
    unmodelled_headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *, seed: str = "", config: dict[str, Any] | None = None) -> None:
        """Begin with the initial state for this seed and the project's configuration."""
        self.seed = seed
        self.config: dict[str, Any] = config or {}
        self.base_url = ""
        self.lock = threading.RLock()
        self.journal = Journal()
        self.faults = Faults()
        self.state = self._fresh_state()

    # What a vendor's clone overrides.

    def initial_state(self) -> dict[str, Any]:
        """Collections that exist before the first call; ids may be made here."""
        return {}

    def handle(self, request: Request) -> Response:
        """Answer one vendor call, holding the lock; raise Unmodelled for what is not built."""
        raise Unmodelled(f"{request.method} {request.path}")

    def public_state(self) -> dict[str, Any]:
        """What expectations and people read: lists in the order of creation."""
        hidden = {"counters", "now"}
        return {key: value for key, value in self.state.items() if key not in hidden}

    def pending(self) -> int:
        """How many deliveries are still under way (webhooks); 0 for a clone without any."""
        return 0

    def start(self) -> None:
        """Start background work, after the port is known."""

    def stop(self) -> None:
        """Stop background work."""

    def restored(self) -> None:
        """React to a snapshot that was put in place (drop queued deliveries)."""

    # What all clones share.

    @property
    def schema(self) -> str:
        """The tag of this clone's snapshots."""
        return f"clone.{self.kind}/{self.version}"

    @property
    def now(self) -> int:
        """The clone's own time, in seconds; it moves only when told to."""
        with self.lock:
            return int(self.state["now"])

    def set_clock(self, now: int) -> None:
        """Set the clone's own time (seconds since 1970)."""
        with self.lock:
            self.state["now"] = now

    def new_id(self, prefix: str, *, length: int = 24) -> str:
        """The next id for this prefix: a function of the seed and a counter, never random."""
        with self.lock:
            counters: dict[str, int] = self.state["counters"]
            number = counters[prefix] = counters.get(prefix, 0) + 1
        return prefix + self.digest(f"{prefix}:{number}", length=length)

    def digest(self, name: str, *, length: int = 24) -> str:
        """Letters and digits that depend only on the seed and the name."""
        value = int.from_bytes(hashlib.sha256(f"{self.seed}:{name}".encode()).digest())
        letters = []
        for _ in range(length):
            value, rest = divmod(value, len(ALPHABET))
            letters.append(ALPHABET[rest])
        return "".join(letters)

    def snapshot(self) -> bytes:
        """Canonical bytes of configuration and state."""
        with self.lock:
            tagged = {"schema": self.schema, "config": self.config, "state": self.state}
            return canonical(tagged)

    def restore(self, snapshot: Any) -> None:
        """Take over a snapshot's state; its configuration is ignored on purpose.

        The configuration belongs to the tree that is being run. Raises SnapshotError.
        """
        if not isinstance(snapshot, dict) or not isinstance(snapshot.get("state"), dict):
            raise SnapshotError("a snapshot is an object with schema, config and state")
        if snapshot.get("schema") != self.schema:
            raise SnapshotError(f"expected schema {self.schema}, got {snapshot.get('schema')}")
        with self.lock:
            self.state = {**self._fresh_state(), **copy.deepcopy(snapshot["state"])}
            self.restored()

    def wait_idle(self, timeout_ms: float) -> bool:
        """Wait until nothing is pending; False when the time was not enough."""
        deadline = time.monotonic() + timeout_ms / 1000
        while self.pending():
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.01)
        return True

    def _fresh_state(self) -> dict[str, Any]:
        self.state = {"counters": {}, "now": int(self.config.get("now", EPOCH))}
        self.state.update(self.initial_state())
        return self.state
