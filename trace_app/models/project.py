"""Projects (one repository under Guard each) and the API keys of a team."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from trace_app.models.identifiers import new_uuid
from trace_app.models.team import Team


class Project(models.Model):
    """One repository under Guard. Secrets that must be sent again are stored encrypted."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="projects")
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    repo = models.CharField(max_length=400, help_text="Path or URL that git can read")
    default_branch = models.CharField(max_length=200, default="main")
    guard_api_url = models.URLField(max_length=400, blank=True)
    guard_api_token = models.BinaryField(default=bytes, help_text="Encrypted bearer token")
    webhook_secret = models.BinaryField(default=bytes, help_text="Encrypted signing secret")
    trace_capture = models.BooleanField(default=True)
    mender_enabled = models.BooleanField(default=False)
    embed_origins = ArrayField(
        models.CharField(max_length=200), default=list, help_text="Whose pages may frame a share"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A bearer key `trc_…` of a team: shown once, kept as a keyed hash, limited by scopes."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    key_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=10))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)
    last_used = models.DateTimeField(null=True)
    revoked = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class IdempotencyRecord(models.Model):
    """The first answer to a POST that carried an Idempotency-Key, kept to be given again."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=120)
    key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    response = models.JSONField(null=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("team", "endpoint", "key"), name="one_answer_per_idempotency_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.key}"
