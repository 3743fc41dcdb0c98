"""From a request to a plan.

Finds the scenario, applies and judges the edits, chooses the mode. Reads git, runs nothing.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from debugger.clients.result_tree import RefusedError, judge
from debugger.domain.scenario import Scenario, ScenarioError, molar_toml, to_plan
from debugger.domain.scenario import parse as parse_scenario
from debugger.domain.scenario.molar_toml import MolarConfig
from debugger.runner.contract import Json, Mode, RunRequest, ScenarioRef
from trace_app.clients.git import GitRepository, MissingObjectError

FOLDER: Final = ".molar/scenarios"
_SUFFIX: Final = ".molar.md"
_CLONE_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")


class UnreadableError(Exception):
    """The tree has no such scenario, or one that cannot be read.

    The message names file and line.
    """


@dataclass(frozen=True, slots=True)
class Prepared:
    """What will run: git's tree, the scenario in it, and the tree's scenario without the edits."""

    tree: str
    scenario: Scenario
    original: Scenario
    molar: MolarConfig
    edited_source: bool


def list_scenarios(repository: GitRepository, sha: str) -> tuple[ScenarioRef, ...]:
    """Every scenario of a tree by path. UnreadableError names the first that cannot be read."""
    found = []
    for entry in repository.list_files(sha, FOLDER):
        if entry.path.endswith(_SUFFIX):
            scenario = read_scenario(repository, sha, entry.path)
            head = ScenarioRef(scenario.slug, scenario.id, scenario.title, entry.path)
            found.append(head)
    return tuple(found)


def read_scenario(repository: GitRepository, sha: str, path: str) -> Scenario:
    """The scenario at a path of a tree."""
    return parse_text(_text(repository, sha, path), path)


def parse_text(text: str, path: str) -> Scenario:
    """A scenario from its text; UnreadableError with path, line and column."""
    try:
        return parse_scenario(text, path=path)
    except ScenarioError as error:
        raise UnreadableError(f"{path}: {error}") from error


def prepare(repository: GitRepository, request: RunRequest) -> Prepared:
    """Judge the edits and read what will run. RefusedError by policy, UnreadableError, GitError."""
    original = _find(repository, request)
    if request.edits.is_empty:
        molar = _molar(repository, request.sha)
        prepared = Prepared(request.sha, original, original, molar, edited_source=False)
    else:
        result = judge(
            repository,
            request.sha,
            request.edits,
            original.path,
            acknowledged_setup=request.acknowledged_setup,
        )
        prepared = Prepared(
            result.tree,
            result.scenario,
            original,
            result.molar,
            edited_source=bool(request.edits.source_diffs),
        )
    if request.scenario_text is not None:
        prepared = _with_text(repository, prepared, request.scenario_text)
    _check(prepared, request)
    return prepared


def starting_mode(request: RunRequest) -> tuple[Mode, str]:
    """The mode to begin with, and why it is not the one asked for ("" when it is)."""
    if request.from_step == 1 or request.mode == "full":
        return "full", ""
    if request.mode == "restore" and before(request) is None:
        reason = f"no state was kept from before step {request.from_step}"
        return "fast_forward", reason
    return request.mode, ""


def before(request: RunRequest) -> Json | None:
    """The recorded state before the step to start from."""
    kept = (request.capsule or {}).get("before") or {}
    state = kept.get(str(request.from_step))
    return state if isinstance(state, dict) else None


def make_plan(prepared: Prepared, request: RunRequest, mode: Mode, *, stretch: float) -> Json:
    """The guest's plan, with how to run it; `stretch` multiplies its timeouts."""
    plan = dict(to_plan(prepared.scenario, prepared.molar))
    run: Json = {"mode": mode, "from_step": request.from_step, "stretch": stretch}
    if mode == "restore":
        run["before"] = before(request)
    return {**plan, "run": run}


def prefix_is_unedited(prepared: Prepared, request: RunRequest) -> bool:
    """Whether everything before the step to start from is what the recording ran."""
    count = request.from_step - 1
    return not prepared.edited_source and _prefix(prepared.original, count) == _prefix(
        prepared.scenario, count
    )


def _prefix(scenario: Scenario, count: int) -> tuple[object, ...]:
    steps = scenario.steps[:count]
    return (scenario.head, *((step.action, step.expectations) for step in steps))


def _find(repository: GitRepository, request: RunRequest) -> Scenario:
    direct = f"{FOLDER}/{request.scenario}{_SUFFIX}"
    paths = [entry.path for entry in repository.list_files(request.sha, FOLDER)]
    if direct in paths:
        return read_scenario(repository, request.sha, direct)
    for path in paths:
        if path.endswith(_SUFFIX):
            scenario = _readable(repository, request.sha, path)
            if scenario and request.scenario in (scenario.slug, scenario.id):
                return scenario
    raise UnreadableError(f"There is no scenario {request.scenario} at {request.sha[:12]}.")


def _readable(repository: GitRepository, sha: str, path: str) -> Scenario | None:
    try:
        return read_scenario(repository, sha, path)
    except UnreadableError:
        return None


def _with_text(repository: GitRepository, prepared: Prepared, text: str) -> Prepared:
    path = prepared.original.path
    tree = repository.write_tree_with(prepared.tree, {path: text.encode("utf-8")})
    return replace(prepared, tree=tree, scenario=parse_text(text, path))


def _check(prepared: Prepared, request: RunRequest) -> None:
    steps = len(prepared.scenario.steps)
    if not 1 <= request.from_step <= steps:
        raise UnreadableError(f"Step {request.from_step} does not exist: there are {steps}.")
    for use in prepared.scenario.head.clones:
        if not _CLONE_NAME.fullmatch(use.kind):
            raise RefusedError([f"{use.kind} is not a name for a clone."])


def _molar(repository: GitRepository, sha: str) -> MolarConfig:
    try:
        return molar_toml.parse(_text(repository, sha, molar_toml.PATH))
    except ScenarioError as error:
        raise UnreadableError(f"{molar_toml.PATH}: {error}") from error


def _text(repository: GitRepository, sha: str, path: str) -> str:
    try:
        return repository.read_file(sha, path).decode("utf-8")
    except MissingObjectError as error:
        raise UnreadableError(f"There is no {path} at {sha[:12]}.") from error
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{path} is not UTF-8 text.") from error
