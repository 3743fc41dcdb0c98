"""Reads and writes a target: kind, value, and whether its whole name must match."""

from debugger.domain.scenario.errors import nearest
from debugger.domain.scenario.model import TARGET_KINDS, Target, default_exact
from debugger.domain.scenario.tokens import Tokens, code, quote


def read_target(tokens: Tokens) -> Target:
    """Takes `KIND VALUE [exact|partial]` or refuses with the nearest kind."""
    token = tokens.next("a target (button, link, field, text, test-id or css)")
    if token.kind != "word" or token.value not in TARGET_KINDS:
        raise tokens.wrong(
            token,
            f"unknown target “{token.value}”. Valid: {', '.join(TARGET_KINDS)}.",
            nearest(token.value, TARGET_KINDS),
        )
    value = tokens.value(f"the {token.value}'s name")
    how = tokens.accept("exact", "partial")
    exact = default_exact(token.value) if how is None else how == "exact"
    return Target(token.value, value, exact)


def format_target(target: Target) -> str:
    """The target as it stands in a scenario."""
    value = code(target.value) if target.kind in ("css", "test-id") else quote(target.value)
    how = ""
    if target.exact != default_exact(target.kind):
        how = " exact" if target.exact else " partial"
    return f"{target.kind} {value}{how}"
