"""Reads the YAML head of a scenario into typed fields, each refusal with its line and column.

Only plain data: no anchors, aliases or tags, so a head can neither explode nor construct.
"""

import re
from typing import Final, Never
from uuid import UUID

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from debugger.domain.scenario.errors import ScenarioError, unknown_word
from debugger.domain.scenario.model import CloneUse, FrontMatter

KEYS: Final = ("spec_version", "id", "slug", "description", "clones", "timeout_ms", "tags", "seed")
_REQUIRED: Final = ("spec_version", "id", "slug")
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_CLONE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MAX_DEPTH: Final = 8
_FIRST_LINE: Final = 2  # the head begins below the opening ---


def read_front_matter(text: str) -> FrontMatter:
    """Reads the text between the two `---` lines. Raises ScenarioError."""
    fields = _mapping(_compose(text), KEYS, "front-matter key")
    for key in _REQUIRED:
        if key not in fields:
            raise ScenarioError(1, 1, f"the front matter has no “{key}”.")
    if _string(fields["spec_version"], "spec_version") != "1.0":
        _refuse(fields["spec_version"], 'spec_version must be "1.0".')
    return FrontMatter(
        spec_version="1.0",
        id=_uuid(fields["id"]),
        slug=_matching(fields["slug"], "slug", _SLUG),
        description=_string(fields["description"], "description")
        if "description" in fields
        else "",
        clones=_clones(fields.get("clones")),
        timeout_ms=_timeout(fields.get("timeout_ms")),
        tags=tuple(_string(node, "a tag") for node in _sequence(fields.get("tags"), "tags")),
        seed=_string(fields["seed"], "seed") if "seed" in fields else "trace",
    )


def _compose(text: str) -> Node:
    try:
        _guard(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        problem = error.problem or error.context or "this is not YAML"
        raise ScenarioError(line + _FIRST_LINE, column + 1, f"front matter: {problem}.") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position)
        message = "front matter: a character that YAML does not allow."
        raise ScenarioError(line + _FIRST_LINE, 1, message) from error
    if node is None:
        raise ScenarioError(1, 1, "the front matter is empty.")
    return node


def _guard(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        mark = event.start_mark
        line, column = (mark.line + _FIRST_LINE, mark.column + 1) if mark else (_FIRST_LINE, 1)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ScenarioError(line, column, "anchors and aliases are not allowed here.")
        if getattr(event, "tag", None):
            raise ScenarioError(line, column, "tags are not allowed here.")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise ScenarioError(line, column, f"nested deeper than {_MAX_DEPTH}.")


def _refuse(node: Node, message: str) -> Never:
    mark = node.start_mark
    raise ScenarioError(mark.line + _FIRST_LINE, mark.column + 1, message)


def _mapping(node: Node, keys: tuple[str, ...], what: str) -> dict[str, Node]:
    if not isinstance(node, MappingNode):
        _refuse(node, "expected `key: value` pairs.")
    fields: dict[str, Node] = {}
    for key, value in node.value:
        name = _string(key, "a key")
        if name not in keys:
            mark = key.start_mark
            raise unknown_word(mark.line + _FIRST_LINE, mark.column + 1, what, name, keys)
        if name in fields:
            _refuse(key, f"“{name}” stands here twice.")
        fields[name] = value
    return fields


def _string(node: Node, what: str) -> str:
    if not isinstance(node, ScalarNode):
        _refuse(node, f"{what} must be text.")
    return str(node.value)


def _sequence(node: Node | None, what: str) -> list[Node]:
    if node is None:
        return []
    if not isinstance(node, SequenceNode):
        _refuse(node, f"{what} must be a list.")
    return list(node.value)


def _matching(node: Node, what: str, pattern: re.Pattern[str]) -> str:
    value = _string(node, what)
    if not pattern.fullmatch(value):
        _refuse(node, f"{what} “{value}” must be lower-case letters, digits and dashes.")
    return value


def _uuid(node: Node) -> str:
    value = _string(node, "id")
    try:
        if str(UUID(value)) == value.lower():
            return value
    except ValueError:
        pass
    _refuse(node, f"id “{value}” is not a UUID.")


def _timeout(node: Node | None) -> int:
    if node is None:
        return 5000
    value = _string(node, "timeout_ms")
    if not re.fullmatch(r"[0-9]{1,6}", value) or not 100 <= int(value) <= 120_000:
        _refuse(node, "timeout_ms must be a whole number from 100 to 120000.")
    return int(value)


def _clones(node: Node | None) -> tuple[CloneUse, ...]:
    uses: list[CloneUse] = []
    for item in _sequence(node, "clones"):
        fields = _mapping(item, ("kind", "seed"), "clone key")
        if "kind" not in fields:
            _refuse(item, "a clone needs “kind”.")
        kind = _matching(fields["kind"], "kind", _CLONE)
        if any(use.kind == kind for use in uses):
            _refuse(item, f"the clone “{kind}” stands here twice.")
        seed = _string(fields["seed"], "seed") if "seed" in fields else None
        uses.append(CloneUse(kind, seed))
    return tuple(uses)
