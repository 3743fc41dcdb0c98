"""Builds the tree that edits lead to, in memory, and judges it. Runs nothing, writes no branch."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from debugger.domain.diff_policy import Refusal, TreeChange, check_edits, check_tree
from debugger.domain.edits import Edits
from debugger.domain.scenario import Scenario, ScenarioError, molar_toml
from debugger.domain.scenario import parse as parse_scenario
from debugger.domain.scenario.molar_toml import MolarConfig
from trace_app.clients.git import ApplyError, GitError, GitRepository, MissingObjectError

_ABSENT: Final = "000000"


class RefusedError(Exception):
    """Edits that may not run; `reasons` are sentences for people."""

    def __init__(self, reasons: Iterable[Refusal | str]) -> None:
        self.reasons = tuple(str(reason) for reason in reasons)
        super().__init__(" ".join(self.reasons))


@dataclass(frozen=True, slots=True)
class ResultTree:
    """The judged result: git's tree sha, the changed paths, and what will be played.

    The tree's new objects are where the repository writes them: give it a scratch directory, so
    that edits nobody confirmed leave nothing in the owner's repository.
    """

    tree: str
    changed: tuple[str, ...]
    before: Scenario
    scenario: Scenario
    molar: MolarConfig


def judge(
    repository: GitRepository,
    sha: str,
    edits: Edits,
    scenario_path: str,
    *,
    acknowledged_setup: bool = False,
) -> ResultTree:
    """Applies the edits to the tree of `sha` and judges the result by the diff policy.

    Raises RefusedError with every reason found: forbidden paths or content, a diff that does not
    apply, a scenario or molar.toml that cannot be read afterwards, a changed `setup` or `start`
    that nobody acknowledged. Raises GitError when the commit itself cannot be read.
    """
    if refusals := check_edits(edits, scenario_path):
        raise RefusedError(refusals)
    diffs = edits.as_source_diffs(scenario_path)
    try:
        tree = repository.apply_diffs(sha, diffs)
    except ApplyError as error:
        raise RefusedError([f"{error.path}: does not apply: {error.reason}"]) from error
    changes = _changes(repository, sha, tree)
    if refusals := check_tree(changes, [item.path for item in diffs]):
        raise RefusedError(refusals)
    molar = _molar(repository, tree)
    if not acknowledged_setup:
        _check_commands(repository, sha, molar)
    return ResultTree(
        tree=tree,
        changed=tuple(change.path for change in changes),
        before=_scenario(repository, sha, scenario_path),
        scenario=_scenario(repository, tree, scenario_path),
        molar=molar,
    )


def _changes(repository: GitRepository, sha: str, tree: str) -> list[TreeChange]:
    changed = repository.changed_files(sha, tree)
    shas = {
        blob
        for item in changed
        for blob, mode in ((item.old_sha, item.old_mode), (item.new_sha, item.new_mode))
        if mode not in (_ABSENT, "160000")
    }
    blobs = repository.read_blobs(sorted(shas)) if shas else {}
    return [
        TreeChange(
            path=item.path,
            old_mode=item.old_mode,
            new_mode=item.new_mode,
            old=blobs.get(item.old_sha),
            new=blobs.get(item.new_sha),
        )
        for item in changed
    ]


def _text(repository: GitRepository, tree: str, path: str) -> str:
    try:
        return repository.read_file(tree, path).decode("utf-8")
    except MissingObjectError as error:
        raise RefusedError([f"{path}: there is no such file at this commit."]) from error
    except UnicodeDecodeError as error:
        raise RefusedError([f"{path}: is not UTF-8 text."]) from error


def _scenario(repository: GitRepository, tree: str, path: str) -> Scenario:
    try:
        return parse_scenario(_text(repository, tree, path), path=path)
    except ScenarioError as error:
        raise RefusedError([f"{path}: {error}"]) from error


def _molar(repository: GitRepository, tree: str) -> MolarConfig:
    try:
        return molar_toml.parse(_text(repository, tree, molar_toml.PATH))
    except ScenarioError as error:
        raise RefusedError([f"{molar_toml.PATH}: {error}"]) from error


def _check_commands(repository: GitRepository, sha: str, after: MolarConfig) -> None:
    try:
        before = _molar(repository, sha)
    except (RefusedError, GitError):
        return  # the commit's own file was broken: there is nothing to compare with
    for name in ("setup", "start"):
        if getattr(before.app, name) != getattr(after.app, name):
            reason = f"changes the command “{name}”: tick the acknowledgement to run it."
            raise RefusedError([Refusal(molar_toml.PATH, reason)])
