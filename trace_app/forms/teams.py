"""Forms of the team and project settings pages."""

from django import forms
from django.contrib.auth.models import User

from trace_app.actions.projects import SCOPES
from trace_app.domain.roles import Role


class MemberForm(forms.Form):
    """Give a person, named by user name, a role in the team, or none."""

    username = forms.CharField(max_length=150, label="User name")
    role = forms.ChoiceField(
        choices=[(role.value, role.label) for role in Role] + [("", "Not in this team")],
        required=False,
    )

    def clean_username(self) -> User:
        """Return the active user of that name."""
        user = User.objects.filter(username=self.cleaned_data["username"], is_active=True).first()
        if user is None:
            raise forms.ValidationError(
                "No active user has this name. Create one with “manage.py createsuperuser” "
                "or in the admin first."
            )
        return user


class KeyForm(forms.Form):
    """Name a new API key and say what it may do."""

    name = forms.CharField(max_length=80, label="What is the key for?")
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        initial=["ingest"],
    )


class ProjectSwitchesForm(forms.Form):
    """A project's two switches."""

    trace_capture = forms.BooleanField(
        required=False, help_text="Keep a trace of every run that Guard makes."
    )
    mender_enabled = forms.BooleanField(
        required=False, help_text="Let Mender analyse failed checks and take promoted fixes."
    )
