"""Changes to a team's redaction rules. They act on what is stored from now on."""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from trace_app.actions import audit
from trace_app.domain.redaction import MAX_RULES, BuiltIn, Rule, RuleError, RuleKind, check_rule
from trace_app.domain.system import System
from trace_app.models import RedactionRule, Team


@transaction.atomic
def save_rule(*, by: User | System, team: Team, rule: Rule) -> RedactionRule:
    """Adds a rule. Raises RuleError where it cannot be used, is there, or is one too many."""
    check_rule(rule)
    # The team's row is locked, so that two owners cannot pass the limit together.
    Team.objects.select_for_update().get(pk=team.pk)
    if RedactionRule.objects.filter(team=team).count() >= MAX_RULES:
        raise RuleError(f"A team has at most {MAX_RULES} rules; delete one first.")
    try:
        with transaction.atomic():
            row = RedactionRule.objects.create(
                team=team,
                kind=rule.kind.value,
                value=rule.value,
                name=rule.name,
                created_by=by if isinstance(by, User) else None,
            )
    except IntegrityError:
        raise RuleError("The team has this rule already.") from None
    _record(by, team, "redaction.rule_saved", row)
    return row


@transaction.atomic
def delete_rule(*, by: User | System, rule: RedactionRule) -> None:
    """Forgets a rule; what it has masked stays masked."""
    _record(by, rule.team, "redaction.rule_deleted", rule)
    rule.delete()


@transaction.atomic
def set_built_in(*, by: User | System, team: Team, built_in: BuiltIn, on: bool) -> None:
    """Switches a built-in rule on or off; the same again changes nothing."""
    off = RedactionRule.objects.filter(team=team, kind=RuleKind.OFF.value, value=built_in.value)
    if off.exists() is not on:
        return
    if on:
        off.delete()
    else:
        save_rule(by=by, team=team, rule=Rule(RuleKind.OFF, built_in.value))
    audit.record(by=by, team=team, action="redaction.built_in_set", target=built_in.value, on=on)


def _record(by: User | System, team: Team, action: str, rule: RedactionRule) -> None:
    # A pattern or a spared value may itself say more than the trail should.
    says = rule.kind not in (RuleKind.PATTERN.value, RuleKind.ALLOW_VALUE.value)
    audit.record(
        by=by,
        team=team,
        action=action,
        target=rule.name or (rule.value if says else rule.kind),
        kind=rule.kind,
    )
