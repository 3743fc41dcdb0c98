"""Forms of sharing: a new public share, and the sites that may embed a project's shares."""

from django import forms

from trace_app.domain import shares

_DAYS = ((1, "1 day"), (7, "7 days"), (30, "30 days"), (shares.MOST_DAYS, "90 days"))


class ShareForm(forms.Form):
    """How long a new share lasts, and whom it is for."""

    days = forms.TypedChoiceField(
        choices=_DAYS, coerce=int, initial=shares.DEFAULT_DAYS, label="Ends after"
    )
    label = forms.CharField(max_length=80, required=False, label="For whom")


class EmbedOriginsForm(forms.Form):
    """The origins whose pages may show a share in a frame."""

    origins = forms.CharField(
        max_length=5000, required=False, widget=forms.Textarea, label="Sites that may embed"
    )

    def clean_origins(self) -> list[str]:
        """Read the list; only whole origins pass."""
        try:
            return shares.origins(self.cleaned_data["origins"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
