"""The form of one redaction rule."""

from typing import Any, Final

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


# For each kind what to write, and an example.
HINTS: Final = (
    (
        RuleKind.KEY,
        "The name as the application writes it; capitals, dashes and underscores do not matter.",
        "customer_number",
    ),
    (
        RuleKind.HEADER,
        "The header's name, without colon and value.",
        "x-order-secret",
    ),
    (
        RuleKind.SELECTOR,
        "An element by tag, #id, .class, [name], [name=value]; several with commas between.",
        "input#pan",
    ),
    (
        RuleKind.PATTERN,
        "An RE2 expression, found anywhere in a text; one group (…) masks that part alone.",
        "ORD-[0-9]{6}",
    ),
    (RuleKind.ALLOW_NAME, "The key or header that a rule masks by mistake.", "token_count"),
    (RuleKind.ALLOW_VALUE, "The text, to the letter; it is shown to all owners.", "sk_test_docs"),
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
