"""Takes passwords and tokens out of the repository addresses that were stored with them.

The audit trail says so: such a repository is read over ssh from now on, with the server's key.
"""

import re

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_ACTION = "project.repository"


def without_secrets(repo: str) -> str:
    """The address without what stands before its host or behind its path; ssh keeps its user."""
    scheme, mark, rest = repo.partition("://")
    if not mark or scheme == "file":
        return repo
    authority, slash, path = rest.partition("/")
    named, at, host = authority.rpartition("@")
    user = f"{named.partition(':')[0]}@" if at and scheme == "ssh" else ""
    place = re.split(r"[?#]", f"{host}{slash}{path}", maxsplit=1)[0]
    return f"{scheme}://{user}{place}"


def clean(apps: StateApps, _editor: BaseDatabaseSchemaEditor | None) -> None:
    """Rewrite the addresses of projects, and those in the audit trail."""
    project_model = apps.get_model("trace_app", "Project")
    entry_model = apps.get_model("trace_app", "AuditEntry")
    for project in project_model.objects.all():
        cleaned = without_secrets(project.repo)
        if cleaned != project.repo:
            project_model.objects.filter(pk=project.pk).update(repo=cleaned)
            entry_model.objects.create(
                team_id=project.team_id,
                system="upgrade",
                action=_ACTION,
                target=project.slug,
                details={"repo": cleaned, "reason": "a password or token was taken out of it"},
            )
    for entry in entry_model.objects.filter(action=_ACTION):
        details = entry.details | {"repo": without_secrets(str(entry.details.get("repo", "")))}
        if details != entry.details:
            entry_model.objects.filter(pk=entry.pk).update(details=details)


class Migration(migrations.Migration):
    """Once; nothing brings a secret back."""

    dependencies = [("trace_app", "0014_scenario_names")]

    operations = [migrations.RunPython(clean, migrations.RunPython.noop)]
