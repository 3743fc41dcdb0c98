"""The edits of a replay or a fix: a diff for the scenario, one per source file. Applies none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from debugger.domain.unified_diff import DiffError, read_file_diff

MAX_FILES: Final = 50
MAX_BYTES: Final = 1 << 20


class EditError(ValueError):
    """Edits that cannot be read. `path` is the file, or the place in the JSON."""

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        self.message = message
        super().__init__(f"{path}: {message}")


@dataclass(frozen=True, slots=True)
class SourceDiff:
    """A unified diff of exactly one file; `path` is from the repository's root."""

    path: str
    diff: str

    def to_json(self) -> dict[str, str]:
        """The contract's form: {"path", "diff"}."""
        return {"path": self.path, "diff": self.diff}


@dataclass(frozen=True, slots=True)
class Edits:
    """What a person wants changed. Every diff is read and belongs to its declared path."""

    scenario_diff: str | None = None
    source_diffs: tuple[SourceDiff, ...] = ()

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Reads `{"scenario_diff": str | null, "source_diffs": [{"path", "diff"}]}`.

        Raises EditError naming the entry. `{}` and null mean no edits; an empty diff is dropped.
        """
        fields = _object({} if data is None else data, "edits", ("scenario_diff", "source_diffs"))
        scenario = fields.get("scenario_diff")
        if scenario is not None and not isinstance(scenario, str):
            raise EditError("scenario_diff", "must be a unified diff or null.")
        entries = fields.get("source_diffs")
        entries = [] if entries is None else entries
        if not isinstance(entries, list):
            raise EditError("source_diffs", "must be a list.")
        diffs = [_source_diff(entry, f"source_diffs[{i}]") for i, entry in enumerate(entries)]
        edits = cls(
            scenario_diff=scenario if scenario and scenario.strip() else None,
            source_diffs=tuple(item for item in diffs if item.diff.strip()),
        )
        edits._check()
        return edits

    def to_json(self) -> dict[str, object]:
        """The contract's form, as stored and sent."""
        return {
            "scenario_diff": self.scenario_diff,
            "source_diffs": [item.to_json() for item in self.source_diffs],
        }

    @property
    def is_empty(self) -> bool:
        """Whether nothing is changed."""
        return self.scenario_diff is None and not self.source_diffs

    def as_source_diffs(self, scenario_path: str) -> tuple[SourceDiff, ...]:
        """Every diff with its path, the scenario's first: what git applies."""
        if self.scenario_diff is None:
            return self.source_diffs
        return (SourceDiff(scenario_path, self.scenario_diff), *self.source_diffs)

    def _check(self) -> None:
        _check_size(self)
        seen: set[str] = set()
        for item in self.source_diffs:
            if item.path in seen:
                raise EditError(item.path, "stands in source_diffs twice.")
            seen.add(item.path)
            declared = _read(item.path, item.diff)
            if declared != item.path:
                raise EditError(item.path, f"the diff changes {declared}, not this path.")
        if self.scenario_diff is not None:
            _read("scenario_diff", self.scenario_diff)


def scenario_diff_path(diff: str) -> str:
    """The path that a scenario diff names in its head. Raises EditError."""
    return _read("scenario_diff", diff)


def _read(where: str, diff: str) -> str:
    try:
        return read_file_diff(diff).path
    except DiffError as error:
        raise EditError(where, str(error)) from error


def _check_size(edits: Edits) -> None:
    diffs = edits.as_source_diffs("scenario")
    if len(diffs) > MAX_FILES:
        raise EditError("edits", f"at most {MAX_FILES} files, these are {len(diffs)}.")
    try:
        size = sum(len(f"{item.path}{item.diff}".encode()) for item in diffs)
    except UnicodeEncodeError as error:
        raise EditError("edits", "the text is not valid Unicode.") from error
    if size > MAX_BYTES:
        raise EditError("edits", f"the diffs are at most 1 MiB together, these are {size} bytes.")


def _source_diff(entry: object, where: str) -> SourceDiff:
    fields = _object(entry, where, ("path", "diff"))
    path, diff = fields.get("path"), fields.get("diff")
    if not isinstance(path, str) or not path:
        raise EditError(f"{where}.path", "must be a path in the repository.")
    if not isinstance(diff, str):
        raise EditError(f"{where}.diff", "must be a unified diff.")
    return SourceDiff(path, diff)


def _object(data: object, where: str, keys: Iterable[str]) -> Mapping[str, object]:
    if not isinstance(data, dict):
        raise EditError(where, "must be an object.")
    for key in data:
        if key not in tuple(keys):
            raise EditError(where, f"unknown key “{key}”. Valid: {', '.join(keys)}.")
    return data
