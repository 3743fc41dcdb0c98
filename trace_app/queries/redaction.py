"""A team's redaction rules, as the domain takes them. Reads only."""

from collections.abc import Iterable

from trace_app.domain.redaction import Rule, RuleKind, RuleSet, compile_rules
from trace_app.models import RedactionRule, Team


def rules_of(team: Team) -> RuleSet:
    """The built-in rules and the team's own, compiled; the same rows are compiled once."""
    return compiled(RedactionRule.objects.filter(team=team).values_list("kind", "value", "name"))


def compiled(rows: Iterable[tuple[str, str, str]]) -> RuleSet:
    """The same of rules read as (kind, value, name)."""
    return compile_rules(tuple(sorted(map(_rule, rows))))


def as_rule(row: RedactionRule) -> Rule:
    """A stored rule, as the domain takes it."""
    return _rule((row.kind, row.value, row.name))


def report_name(kind: RuleKind, value: str, name: str) -> str:
    """What reports call a team's rule: its name, else what it looks for where that says it."""
    if name:
        return f"team: {name}"
    return f"team: {kind.value} {value}" if kind is not RuleKind.PATTERN else "team: pattern"


def _rule(row: tuple[str, str, str]) -> Rule:
    word, value, name = row
    kind = RuleKind(word)
    return Rule(kind, value, report_name(kind, value, name))
