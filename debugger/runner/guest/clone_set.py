"""The clones of one run.

Starts them, restores and reads their state, collects their journals. What a clone is and does lives
in `clones/`.
"""

import contextlib
import importlib.util
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .calls import CallError, call, call_json
from .recorder import Recorder
from .services import Service, StartError

Json = dict[str, Any]

# Host names are in the sandbox's hosts file; a clone's address is the same in every run.
PORTS = {"stripe": 12111, "email": 8025}
SMTP_PORT = 1025
FIRST_FREE_PORT = 12200
SETTLE_MS = 3000
START_SECONDS = 15.0
_PACKAGE = (__package__ or "guest") + ".clones"


@dataclass(slots=True)
class Clone:
    """One running clone: where it is, and how far its journal was read."""

    kind: str
    port: int
    config: Json
    service: Service
    read: int = 0

    @property
    def url(self) -> str:
        """Address inside the sandbox."""
        return f"http://{self.kind}:{self.port}"

    @property
    def admin(self) -> str:
        """Address of the admin API; by number, so that no name has to be known."""
        return f"http://127.0.0.1:{self.port}/_clone"


class CloneSet:
    """All clones of a run, by kind."""

    def __init__(
        self, recorder: Recorder, *, app: Path, lib: str, scratch: Path, stretch: float
    ) -> None:
        """`lib` is the PYTHONPATH that holds the guest package.

        `scratch` takes configuration files.
        """
        self._recorder = recorder
        self._app = app
        self._lib = lib
        self._stretch = stretch
        self._scratch = scratch
        self.clones: dict[str, Clone] = {}
        self.deliveries: list[Json] = []

    def start(self, wanted: Iterable[Json]) -> None:
        """Start every clone of the plan.

        They come up side by side. StartError for an unknown one.
        """
        for number, entry in enumerate(wanted):
            kind = entry["kind"]
            port = PORTS.get(kind, FIRST_FREE_PORT + number)
            config = self._scratch / f"clone-{kind}.json"
            # Without `public_url` a clone would name itself by its number.
            settings = {"public_url": f"http://{kind}:{port}", **entry.get("config", {})}
            config.write_text(json.dumps(settings), encoding="utf-8")
            command = [*self._command(kind), "--host", "127.0.0.1", "--port", str(port)]
            command += ["--seed", entry.get("seed") or "", "--config", str(config)]
            service = Service(
                f"clone {kind}", command, cwd=self._app, env=self._env(), on_line=lambda *_: None
            )
            self.clones[kind] = Clone(kind, port, settings, service)

    def wait_ready(self) -> None:
        """Return when each clone answers. StartError with its output when one does not."""
        deadline = time.monotonic() + START_SECONDS * self._stretch
        for clone in self.clones.values():
            while not _healthy(clone):
                if clone.service.ended is not None or time.monotonic() > deadline:
                    clone.service.stop()
                    raise StartError(f"the {clone.kind} clone did not start", _tail(clone))
                time.sleep(0.02)

    def restore(self, snapshots: Json) -> None:
        """Put recorded states in place; a clone without one keeps its initial state."""
        for kind, snapshot in snapshots.items():
            if clone := self.clones.get(kind):
                call_json("PUT", f"{clone.admin}/snapshot", snapshot)

    def settle(self) -> None:
        """Wait until no webhook is under way, so that states are the same in each run."""
        for clone in self.clones.values():
            with contextlib.suppress(CallError):
                wait = int(SETTLE_MS * self._stretch)
                call("GET", f"{clone.admin}/state?settle={wait}", timeout=wait / 1000 + 10)

    def snapshots(self) -> Json:
        """{kind: snapshot} of all clones, fit for `restore`."""
        return {
            kind: call_json("GET", f"{clone.admin}/snapshot") for kind, clone in self.clones.items()
        }

    def state(self, kind: str) -> Json:
        """What expectations read. CallError for an unknown or dead clone."""
        state: Json = call_json("GET", f"{self._clone(kind).admin}/state")
        return state

    def advance(self, kind: str | None, seconds: int) -> None:
        """Move the clock of one clone, or of all."""
        chosen = self.clones.values() if kind is None else [self._clone(kind)]
        for clone in chosen:
            call_json("PUT", f"{clone.admin}/clock", {"advance": seconds})

    def inject(self, kind: str, fault: Json) -> None:
        """Let a clone answer a path with an error."""
        call_json("POST", f"{self._clone(kind).admin}/faults", fault)

    def collect(self, *, record: bool = True) -> None:
        """Read what is new in the journals, record it, and remember webhook deliveries."""
        for clone in self.clones.values():
            with contextlib.suppress(CallError):
                page = call_json("GET", f"{clone.admin}/journal?after={clone.read}")
                clone.read = page["next"]
                for entry in page["entries"] if record else ():
                    self._record(clone, entry)

    def stop(self) -> None:
        """Stop all clones."""
        for clone in self.clones.values():
            clone.service.kill()
        for clone in self.clones.values():
            clone.service.stop()

    def _record(self, clone: Clone, entry: Json) -> None:
        data, kind = entry["data"], entry["kind"]
        failed = kind == "clone.webhook" and not _delivered(data.get("status"))
        level = "warning" if kind == "clone.unmodelled" else "error" if failed else None
        self._recorder.emit(kind, data, wall=entry["at"], dur=entry.get("dur"), level=level)
        if kind == "clone.webhook":
            self.deliveries.append({**data, "at": entry["at"]})
            self._record_network(clone, entry)

    def _record_network(self, clone: Clone, entry: Json) -> None:
        """A vendor's delivery is network traffic too: the pair that puts it on that ribbon."""
        data, source = entry["data"], f"clone:{clone.kind}"
        key = f"webhook:{clone.kind}:{entry['n']}"
        request = {"method": "POST", "url": data.get("url", ""), "source": source}
        self._recorder.emit(
            "network.request", {**request, "body": data.get("body")}, wall=entry["at"], key=key
        )
        end, status = entry["at"] + entry.get("dur", 0), data.get("status")
        common: Json = {"wall": end, "dur": entry.get("dur"), "ref_key": key}
        if status:
            level = None if status < 400 else "error"
            answer = {"status": status, "body": data.get("response_body")}
            self._recorder.emit("network.response", answer, level=level, **common)
        else:
            error = {"error": data.get("error") or "no answer"}
            self._recorder.emit("network.failed", error, level="error", **common)

    def _clone(self, kind: str) -> Clone:
        if kind not in self.clones:
            names = ", ".join(self.clones) or "none"
            raise CallError(f"no clone named {kind} in this run (there are: {names})")
        return self.clones[kind]

    def _command(self, kind: str) -> list[str]:
        if importlib.util.find_spec(f"{_PACKAGE}.{kind}") is not None:
            extra = ["--smtp-port", str(SMTP_PORT)] if kind == "email" else []
            return [sys.executable, "-m", f"{_PACKAGE}.{kind}", *extra]
        own = self._app / ".molar" / "clones" / f"{kind}.py"
        if own.is_file():
            return [sys.executable, "-m", _PACKAGE, "--file", str(own)]
        raise StartError(f"there is no clone named {kind}, and no .molar/clones/{kind}.py")

    def _env(self) -> dict[str, str]:
        return {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": self._lib,
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TZ": "UTC",
        }


def _healthy(clone: Clone) -> bool:
    with contextlib.suppress(CallError):
        return call("GET", f"{clone.admin}/health", timeout=2)[0] == 200
    return False


def _delivered(status: object) -> bool:
    return isinstance(status, int) and 200 <= status < 300


def _tail(clone: Clone) -> str:
    return "\n".join(clone.service.tail)
