"""Filters of the list that a person keeps under a name."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from trace_app.models.identifiers import new_uuid
from trace_app.models.team import Team


class SavedView(models.Model):
    """One person's own view. It holds no right: whoever lost the team sees an empty list."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    team = models.ForeignKey(
        Team,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        help_text="Of the project the view names; it goes with it",
    )
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=2000)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("user", "name"), name="one_view_per_name"),
        ]

    def __str__(self) -> str:
        return self.name
