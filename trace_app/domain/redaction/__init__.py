"""Redaction of the record: what is masked, by which rule, with one stable token per value.

The restore capsule is not handled here: it is kept apart and encrypted.
"""

from trace_app.domain.redaction.contents import learn_contents, mask_contents
from trace_app.domain.redaction.lines import learn_lines, mask_lines
from trace_app.domain.redaction.patterns import RuleError
from trace_app.domain.redaction.redactor import TOKEN, Redactor
from trace_app.domain.redaction.rules import BuiltIn, Rule, RuleKind
from trace_app.domain.redaction.ruleset import MAX_RULES, RuleSet, check_rule, compile_rules
from trace_app.domain.redaction.zips import (
    Renamed,
    learn_zip,
    rename_hashes,
    rewrite_zip,
    scan_zip,
)

__all__ = [
    "MAX_RULES",
    "TOKEN",
    "BuiltIn",
    "Redactor",
    "Renamed",
    "Rule",
    "RuleError",
    "RuleKind",
    "RuleSet",
    "check_rule",
    "compile_rules",
    "learn_contents",
    "learn_lines",
    "learn_zip",
    "mask_contents",
    "mask_lines",
    "rename_hashes",
    "rewrite_zip",
    "scan_zip",
]
