"""What edits may never do, judged on the declared paths and on the tree that results. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from debugger.domain.edits import MAX_BYTES, MAX_FILES, Edits
from debugger.domain.unified_diff import DiffError, read_file_diff

_PLAIN_FILE: Final = ("100644", "100755")
_ABSENT: Final = "000000"
_CI_FOLDERS: Final = frozenset(
    {".github", ".gitlab", ".circleci", ".buildkite", ".ci", ".woodpecker"}
)
_CI_FILES: Final = re.compile(
    r"(\.gitlab-ci|\.travis|appveyor|\.appveyor|azure-pipelines|bitbucket-pipelines|\.drone"
    r"|\.woodpecker|\.cirrus|cloudbuild)\.ya?ml|jenkinsfile"
)
_HOOK_FOLDERS: Final = frozenset({".husky", ".githooks", ".git-hooks", "hooks.d"})
_HOOK_FILES: Final = re.compile(r"(\.pre-commit-config|\.?lefthook(-local)?|\.overcommit)\.ya?ml")
_GIT_FILES: Final = frozenset({".gitmodules", ".gitattributes", ".gitconfig", ".lfsconfig"})
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing the edits may not do; `reason` is a sentence for people."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class TreeChange:
    """One path that differs between the trace's tree and the result. Modes as git writes them.

    `old` and `new` are the contents, None where the path is not a file on that side.
    """

    path: str
    old_mode: str
    new_mode: str
    old: bytes | None
    new: bytes | None


def check_edits(edits: Edits, scenario_path: str) -> tuple[Refusal, ...]:
    """What is wrong with the edits as declared, before git sees them."""
    refusals: list[Refusal] = []
    for item in edits.as_source_diffs(scenario_path):
        reason = path_reason(item.path) or _diff_reason(item.path, item.diff)
        if reason:
            refusals.append(Refusal(item.path, reason))
    if any(item.path == scenario_path for item in edits.source_diffs):
        refusals.append(Refusal(scenario_path, "the scenario belongs in scenario_diff."))
    return tuple(refusals)


def check_tree(changes: Sequence[TreeChange], declared: Iterable[str]) -> tuple[Refusal, ...]:
    """What is wrong with the result: `changes` against the trace's tree, `declared` the paths."""
    allowed = set(declared)
    refusals: list[Refusal] = []
    for change in changes:
        reason = _change_reason(change)
        if change.path not in allowed:
            reason = "is changed, but no edit declares it."
        if reason:
            refusals.append(Refusal(change.path, reason))
    if len(changes) > MAX_FILES:
        refusals.append(Refusal("edits", f"more than {MAX_FILES} files are changed."))
    return tuple(refusals)


def path_reason(path: str) -> str | None:
    """Why this path may not be edited, or None."""
    if not path or len(path) > 400 or path.startswith(("/", "~")) or "\\" in path:
        return "is not a path inside the repository."
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in path):
        return "has control or invisible characters in its name."
    parts = [part.rstrip(". ").casefold() for part in path.split("/")]
    if any(part in ("", ".", "..") for part in path.split("/")) or "" in parts:
        return "is not a path inside the repository."
    return _forbidden(parts)


def _forbidden(parts: list[str]) -> str | None:
    if any(part == ".git" or part.startswith("git~") or ":" in part for part in parts):
        return "is inside git's own folder."
    if parts[-1] in _GIT_FILES:
        return "steers git (submodules, attributes or settings)."
    if _CI_FOLDERS.intersection(parts) or _CI_FILES.fullmatch(parts[-1]):
        return "belongs to CI, which edits may not change."
    if _HOOK_FOLDERS.intersection(parts) or _HOOK_FILES.fullmatch(parts[-1]):
        return "is a hook, which edits may not change."
    return None


def _diff_reason(path: str, diff: str) -> str | None:
    try:
        read = read_file_diff(diff)
    except DiffError as error:
        return str(error)
    if read.path != path:
        return f"the diff changes {read.path}, not this path."
    return text_reason("\n".join(read.added))


def text_reason(text: str) -> str | None:
    """Why this text may not be added: control or bidirectional characters, or None."""
    for character in text:
        if character in _BIDI:
            return f"adds the bidirectional character U+{ord(character):04X}."
        if unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\n\r\f":
            return f"adds the control character U+{ord(character):04X}."
    return None


def _change_reason(change: TreeChange) -> str | None:
    if reason := path_reason(change.path):
        return reason
    modes = {change.old_mode, change.new_mode} - {_ABSENT}
    if "120000" in modes:
        return "is a symbolic link."
    if "160000" in modes:
        return "is a submodule."
    if not modes.issubset(_PLAIN_FILE):
        return "is not a plain file."
    if change.old_mode == _ABSENT and change.new_mode != "100644":
        return "is made executable."
    if _ABSENT not in (change.old_mode, change.new_mode) and len(modes) > 1:
        return "changes the file's mode."
    return _content_reason(change)


def _content_reason(change: TreeChange) -> str | None:
    if change.new is None:
        return None
    if len(change.new) > MAX_BYTES and len(change.new) > len(change.old or b""):
        return "grows beyond 1 MiB."
    if b"\0" in change.new:
        return "is binary."
    old, new = _marks(change.old or b""), _marks(change.new)
    if new > old:
        return "gets bidirectional or control characters."
    return None


def _marks(content: bytes) -> int:
    text = content.decode("utf-8", "replace")
    return sum(1 for c in text if c in _BIDI or (c < " " and c not in "\t\n\r\f"))
