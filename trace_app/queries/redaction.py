"""A team's redaction rules, as the domain takes them. Reads only."""

from trace_app.domain.redaction import Rule, RuleKind, RuleSet, compile_rules
from trace_app.models import RedactionRule, Team


def rules_of(team: Team) -> RuleSet:
    """The built-in rules and the team's own, compiled; the same rows are compiled once."""
    return compile_rules(tuple(sorted(map(as_rule, RedactionRule.objects.filter(team=team)))))


def as_rule(row: RedactionRule) -> Rule:
    """A stored rule, as the domain takes it."""
    kind = RuleKind(row.kind)
    return Rule(kind, row.value, report_name(kind, row.value, row.name))


def report_name(kind: RuleKind, value: str, name: str) -> str:
    """What reports call a team's rule: its name, else what it looks for where that says it."""
    if name:
        return f"team: {name}"
    return f"team: {kind.value} {value}" if kind is not RuleKind.PATTERN else "team: pattern"
