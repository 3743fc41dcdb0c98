"""The form of a team's retention policy."""

from typing import Any

from django import forms

from trace_app.domain.retention import MAX_DAYS, Policy


def _days(label: str, *, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=MAX_DAYS, required=required)


class RetentionForm(forms.Form):
    """Three ages in days; the last may stay blank."""

    warm_after = _days("Warm after, days")
    cold_after = _days("Cold after, days")
    delete_after = _days("Deleted after, days", required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse ages that contradict each other."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and (problem := self.policy().problem()):
            raise forms.ValidationError(problem)
        return cleaned

    def policy(self) -> Policy:
        """Return what was typed, for a form without field errors."""
        return Policy(
            warm_after=self.cleaned_data["warm_after"],
            cold_after=self.cleaned_data["cold_after"],
            delete_after=self.cleaned_data.get("delete_after"),
        )
