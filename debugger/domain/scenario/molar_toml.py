"""Reads `.molar/molar.toml`: how to run the application and configure clones. Runs nothing."""

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from debugger.domain.scenario.errors import ScenarioError, nearest

PATH: Final = ".molar/molar.toml"
_APP_KEYS: Final = ("setup", "start", "ready", "ready_timeout", "env", "state")
_MAX_BYTES: Final = 256 * 1024
_MAX_DEPTH: Final = 8


class MolarError(ScenarioError):
    """A molar.toml that cannot be used; line and column are 1-based."""


@dataclass(frozen=True, slots=True)
class AppConfig:
    """How the application is built, started and found ready (`ready` is a path, seconds)."""

    start: str
    setup: str | None = None
    ready: str = "/"
    ready_timeout: int = 30
    env: Mapping[str, str] = field(default_factory=dict)
    state_paths: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The plan's form."""
        return {
            "setup": self.setup,
            "start": self.start,
            "ready": self.ready,
            "ready_timeout": self.ready_timeout,
            "env": dict(self.env),
            "state_paths": list(self.state_paths),
        }


@dataclass(frozen=True, slots=True)
class MolarConfig:
    """The whole file: the application and one table of settings per clone."""

    app: AppConfig
    clones: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def parse(text: str) -> MolarConfig:
    """Reads the file. Raises MolarError with line, column and the nearest valid key."""
    return _Reader(text).read()


class _Reader:
    """Walks the parsed TOML; keeps the text to find the line of a wrong key."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> MolarConfig:
        data = self._load()
        self._only(data, ("app", "clones"), "table")
        if "app" not in data:
            raise MolarError(1, 1, "there is no [app] table.")
        return MolarConfig(app=self._app(data), clones=self._clones(data))

    def _load(self) -> dict[str, object]:
        if len(self._text) > _MAX_BYTES:
            raise MolarError(1, 1, "molar.toml is at most 256 KiB.")
        try:
            return tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"(.*) \(at line (\d+), column (\d+)\)", str(error))
            if found:
                raise MolarError(int(found[2]), int(found[3]), f"{found[1]}.") from error
            raise MolarError(self._text.count("\n") + 1, 1, f"{error}.") from error
        except RecursionError as error:
            raise MolarError(1, 1, "nested too deeply.") from error

    def _app(self, data: dict[str, object]) -> AppConfig:
        app = self._table(data, "app")
        self._only(app, _APP_KEYS, "key in [app]")
        if "start" not in app:
            raise self._wrong("[app]", "[app] has no “start”.")
        setup = self._string(app, "setup") if "setup" in app else None
        ready = self._string(app, "ready") if "ready" in app else "/"
        if not ready.startswith("/"):
            raise self._wrong("ready", "ready is a path beginning with “/”.")
        return AppConfig(
            start=self._string(app, "start"),
            setup=setup,
            ready=ready,
            ready_timeout=self._seconds(app),
            env=self._env(app),
            state_paths=self._state(app),
        )

    def _seconds(self, app: Mapping[str, object]) -> int:
        value = app.get("ready_timeout", 30)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 300:
            raise self._wrong(
                "ready_timeout", "ready_timeout is a whole number of seconds, 1 to 300."
            )
        return value

    def _env(self, app: Mapping[str, object]) -> dict[str, str]:
        env = self._table(app, "env")
        for name, value in env.items():
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                raise self._wrong(name, f"“{name}” is not a name for an environment variable.")
            if not isinstance(value, str) or "\0" in value:
                raise self._wrong(name, f'{name} must be a "string".')
        return {name: str(value) for name, value in env.items()}

    def _state(self, app: Mapping[str, object]) -> tuple[str, ...]:
        state = self._table(app, "state")
        self._only(state, ("paths",), "key in [app.state]")
        paths = state.get("paths", [])
        if not isinstance(paths, list) or not all(_inside(path) for path in paths):
            raise self._wrong("paths", "paths is a list of files inside the repository.")
        return tuple(str(path) for path in paths)

    def _clones(self, data: Mapping[str, object]) -> dict[str, dict[str, object]]:
        clones: dict[str, dict[str, object]] = {}
        tables = self._table(data, "clones")
        for kind in tables:
            settings = self._table(tables, kind)
            clones[kind] = {key: self._value(key, value) for key, value in settings.items()}
        return clones

    def _value(self, key: str, value: object, depth: int = 0) -> object:
        if isinstance(value, float) and not math.isfinite(value):
            raise self._wrong(key, f"{key} must be a finite number.")
        if isinstance(value, str | int | float | bool):
            return value
        if depth < _MAX_DEPTH and isinstance(value, list):
            return [self._value(key, item, depth + 1) for item in value]
        if depth < _MAX_DEPTH and isinstance(value, dict):
            return {name: self._value(name, item, depth + 1) for name, item in value.items()}
        raise self._wrong(key, f"{key} must be a string, number, boolean, list or table.")

    def _table(self, data: Mapping[str, object], key: str) -> dict[str, object]:
        value = data.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(key, f"{key} must be a table.")
        return value

    def _string(self, data: Mapping[str, object], key: str) -> str:
        value = data[key]
        if not isinstance(value, str) or not value.strip() or "\0" in value:
            raise self._wrong(key, f'{key} must be a "string" and not empty.')
        return value

    def _only(self, data: Mapping[str, object], valid: tuple[str, ...], what: str) -> None:
        for key in data:
            if key not in valid:
                message = f"unknown {what} “{key}”. Valid: {', '.join(valid)}."
                raise self._wrong(key, message, nearest(key, valid))

    def _wrong(self, word: str, message: str, suggestion: str | None = None) -> MolarError:
        line, column = self._find(word)
        return MolarError(line, column, message, suggestion)

    def _find(self, word: str) -> tuple[int, int]:
        """Where the word stands: as a key or table name if it is one, else anywhere."""
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        lines = [line.split("#")[0] for line in self._text.split("\n")]
        for texts in ([line.split("=")[0] for line in lines], lines):
            for number, text in enumerate(texts, start=1):
                if found := pattern.search(text):
                    return number, found.start() + 1
        return 1, 1


def _inside(path: object) -> bool:
    if not isinstance(path, str) or not path or "\0" in path or "\\" in path:
        return False
    parts = path.split("/")
    return not path.startswith("/") and ".." not in parts and ".git" not in parts
