"""The application under test: its environment, its start, its ready check, its log."""

import contextlib
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .calls import CallError, call
from .clone_set import SMTP_PORT, CloneSet
from .recorder import Recorder
from .services import Service, StartError

Json = dict[str, Any]
HOST = "app"
PORT = 80
URL = f"http://{HOST}"
_PLACEHOLDER = re.compile(r"\{([a-z][A-Za-z0-9_.-]*)\}")


class Application:
    """Starts the application in its checkout and tells when it answers."""

    def __init__(
        self, app: Json, clones: CloneSet, recorder: Recorder, *, root: Path, deps: Path
    ) -> None:
        """Only remembers; `start` starts. `app` is the plan's table."""
        self._app = app
        self._recorder = recorder
        self._root = root
        self._values = placeholders(clones, deps)
        self._service: Service | None = None

    def start(self) -> None:
        """Start and wait until the ready page answers below 400.

        StartError with the log's tail if not.
        """
        self._service = Service(
            "the application",
            ["/bin/sh", "-c", fill(self._app["start"], self._values)],
            cwd=self._root,
            env=self._environment(),
            on_line=self._log,
        )
        deadline = time.monotonic() + float(self._app.get("ready_timeout") or 30)
        while not self._ready():
            if self._service.ended is not None:
                self._service.stop()
                raise self._failure(f"ended with status {self._service.ended} before it was ready")
            if time.monotonic() > deadline:
                raise self._failure(f"did not answer {self._app.get('ready', '/')} in time")
            time.sleep(0.03)

    def tail(self) -> str:
        """The end of what the application printed."""
        return "\n".join(self._service.tail) if self._service else ""

    def ended(self) -> int | None:
        """Exit status when the application died, else None."""
        return self._service.ended if self._service else None

    def stop(self) -> None:
        """Stop it."""
        if self._service:
            self._service.stop()

    def _ready(self) -> bool:
        with contextlib.suppress(CallError):
            url = f"http://127.0.0.1:{PORT}{self._app.get('ready') or '/'}"
            return call("GET", url, timeout=5)[0] < 400
        return False

    def _failure(self, reason: str) -> StartError:
        return StartError(f"the application {reason}", self.tail())

    def _log(self, stream: str, text: str) -> None:
        self._recorder.emit("app.log", {"stream": stream, "text": text})

    def _environment(self) -> dict[str, str]:
        own = {name: fill(value, self._values) for name, value in self._app.get("env", {}).items()}
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": "/tmp/home",  # noqa: S108
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PORT": str(PORT),
            "PYTHONHASHSEED": "0",
            "PYTHONUNBUFFERED": "1",
            **own,
        }


def placeholders(clones: CloneSet, deps: Path) -> dict[str, str]:
    """What `{…}` stands for in `start` and `env` of molar.toml."""
    values = {"app.url": URL, "app.port": str(PORT), "deps": str(deps)}
    for kind, clone in clones.clones.items():
        prefix = f"clone.{kind}."
        scalars = {key: _text(value) for key, value in clone.config.items() if _is_scalar(value)}
        values |= {prefix + key: value for key, value in scalars.items()}
        values |= {
            prefix + "url": clone.url,
            prefix + "host": kind,
            prefix + "port": str(clone.port),
        }
        if kind == "email":
            values |= {prefix + "smtp_host": kind, prefix + "smtp_port": str(SMTP_PORT)}
    return values


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace placeholders. StartError names one that does not exist."""

    def replace(match: re.Match[str]) -> str:
        if match[1] not in values:
            known = ", ".join(sorted(values))
            raise StartError(f"molar.toml uses {match[0]}, which is not one of: {known}")
        return values[match[1]]

    return _PLACEHOLDER.sub(replace, text)


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
