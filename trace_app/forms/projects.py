"""Forms that make a project and that confirm a deletion."""

from typing import Any

from django import forms
from django.utils.text import slugify

from trace_app.clients.addresses import ForbiddenAddressError
from trace_app.clients.repositories import check_repository
from trace_app.domain.repository_address import RepositoryAddressError
from trace_app.models import Project


class RepositoryForm(forms.Form):
    """Where a project's code is; `kept` is the address that it has and may keep."""

    repo = forms.CharField(
        max_length=400,
        required=False,
        label="Repository",
        help_text="An https or ssh address that git can read. Replays need it, traces do not.",
    )
    default_branch = forms.CharField(
        max_length=200, required=False, initial="main", label="Default branch"
    )

    def __init__(self, *args: Any, kept: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept

    def clean_repo(self) -> str:
        """Let only addresses of public hosts pass.

        A path would open other people's directories on the server.
        """
        repo: str = self.cleaned_data["repo"].strip()
        try:
            if repo and repo != self.kept:
                check_repository(repo)
        except (RepositoryAddressError, ForbiddenAddressError) as error:
            raise forms.ValidationError(str(error)) from error
        return repo

    def clean_default_branch(self) -> str:
        """Fall back to main."""
        return self.cleaned_data["default_branch"].strip() or "main"


class ProjectForm(RepositoryForm):
    """A new project: its name, its slug for addresses and uploads, and where its code is."""

    field_order = ("name", "slug", "repo", "default_branch")
    name = forms.CharField(max_length=120, label="Name")
    slug = forms.CharField(
        max_length=50,
        required=False,
        label="Slug",
        help_text="In addresses and uploads, for example web-shop. Empty: made from the name.",
    )

    def clean(self) -> dict[str, Any]:
        """Make the slug from the name where none is given, and see that it is free."""
        data = self.cleaned_data
        slug = data["slug"] = data.get("slug", "").strip() or slugify(data.get("name", ""))[:50]
        if not slug:
            self.add_error("slug", "Give a slug: the name holds no letter or digit to make one of.")
        elif slug != slugify(slug):
            self.add_error(
                "slug", f"Use small letters, digits and hyphens, for example {slugify(slug)}."
            )
        elif Project.objects.filter(slug=slug).exists():
            self.add_error("slug", self.taken(slug))
        return data

    @staticmethod
    def taken(slug: str) -> str:
        """What to say about a slug that somebody has."""
        return f"The slug {slug} is taken; choose another one, for example {slug[:48]}-2."


class ConfirmForm(forms.Form):
    """The name of what will be deleted, typed by hand."""

    name = forms.CharField(max_length=120, strip=True)

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_name(self) -> str:
        """Compare letter by letter."""
        name: str = self.cleaned_data["name"]
        if name != self.expected:
            raise forms.ValidationError(f"Type {self.expected} exactly as it is written here.")
        return name
