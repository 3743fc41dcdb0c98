"""The form of one redaction rule."""

from typing import Any

from django import forms

from trace_app.domain.redaction import Rule, RuleError, RuleKind, check_rule
from trace_app.models import RedactionRule

KINDS = (
    (RuleKind.KEY, "Key: mask the value under this name in JSON, forms and addresses"),
    (RuleKind.HEADER, "Header: mask the value of this header"),
    (RuleKind.SELECTOR, "Selector: mask what is typed into and shown in this element"),
    (RuleKind.PATTERN, "Pattern: mask every text that matches"),
    (RuleKind.ALLOW_NAME, "Spare a name: never mask by this key or header name"),
    (RuleKind.ALLOW_VALUE, "Spare a value: never mask exactly this text"),
)


class RuleForm(forms.Form):
    """What a rule looks for, what reports call it, and the trace it is tried on."""

    kind = forms.ChoiceField(choices=[(kind.value, words) for kind, words in KINDS])
    value = forms.CharField(max_length=500, label="What it looks for", strip=True)
    name = forms.CharField(
        max_length=60,
        required=False,
        label="Name",
        help_text="What reports call it; empty: what it looks for.",
    )
    trace = forms.CharField(max_length=36, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse what cannot be used, in the words of the rules themselves."""
        if not self.errors:
            try:
                check_rule(self.rule)
            except RuleError as error:
                self.add_error("value", str(error))
        return self.cleaned_data

    @property
    def rule(self) -> Rule:
        """The rule as it was written."""
        data = self.cleaned_data
        return Rule(RuleKind(data["kind"]), data["value"], data.get("name", "").strip())


def kind_words(row: RedactionRule) -> str:
    """What a stored rule does, in a few words."""
    words = {kind.value: text.partition(":")[0] for kind, text in KINDS}
    return words.get(row.kind, row.kind)
