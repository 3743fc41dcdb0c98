"""How a trace's events are stored: compressed chunks, one index, and the rows that are queried."""

from typing import ClassVar

from django.db import models

from trace_app.models.trace import Trace


class EventChunk(models.Model):
    """Up to 256 events of one ribbon, as zstd-compressed NDJSON.

    The body's column is STORAGE EXTERNAL (see the migration): PostgreSQL would only try in vain
    to compress it again.
    """

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="chunks")
    ribbon = models.CharField(max_length=8)
    number = models.PositiveIntegerField()
    seq_first = models.BigIntegerField()
    seq_last = models.BigIntegerField()
    ts_min = models.FloatField()
    ts_max = models.FloatField()
    count = models.PositiveSmallIntegerField()
    body = models.BinaryField()

    class Meta:
        ordering = ("ribbon", "number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("trace", "ribbon", "number"), name="one_chunk"),
        ]
        indexes: ClassVar = [
            models.Index(fields=("trace", "ribbon", "ts_min"), name="chunk_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.ribbon} {self.number}"


class EventIndex(models.Model):
    """A trace's columnar index and the density bins its first page carries."""

    trace = models.OneToOneField(
        Trace, on_delete=models.CASCADE, primary_key=True, related_name="index"
    )
    columns = models.BinaryField(default=bytes)
    density = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.trace_id)


class AppendBatch(models.Model):
    """One accepted batch of a live trace: sending the same bytes again changes nothing."""

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="batches")
    seq_first = models.BigIntegerField()
    seq_last = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    received = models.DateTimeField(auto_now_add=True)
    columns = models.BinaryField(default=bytes, help_text="The index of this batch's events")

    class Meta:
        ordering = ("trace", "seq_first")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("trace", "seq_first"), name="one_batch_per_start"),
        ]

    def __str__(self) -> str:
        return f"{self.seq_first}-{self.seq_last}"


class CloneState(models.Model):
    """A clone's state after a step (0: before the first), for the Clones tab and for diffs."""

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="clone_states")
    step = models.PositiveIntegerField()
    clone = models.CharField(max_length=60)
    seq = models.BigIntegerField()
    state = models.JSONField()

    class Meta:
        ordering = ("clone", "step")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("trace", "clone", "step"), name="one_clone_state"),
        ]

    def __str__(self) -> str:
        return f"{self.clone} after step {self.step}"


class NotableEvent(models.Model):
    """A failed or cited event, kept as a row so that it is found without reading chunks."""

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="notable_events")
    seq = models.BigIntegerField()
    ts = models.FloatField()
    kind = models.CharField(max_length=40)
    ribbon = models.CharField(max_length=8)
    step = models.PositiveIntegerField(null=True)
    level = models.CharField(max_length=8, blank=True)
    title = models.CharField(max_length=500)

    class Meta:
        ordering = ("seq",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("trace", "seq"), name="one_notable_event"),
        ]

    def __str__(self) -> str:
        return f"seq {self.seq}"


class Blob(models.Model):
    """A content-addressed value in blob storage."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=120)
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256[:12]


class TraceBlob(models.Model):
    """Which trace uses which blob, and as what; a blob without such a row may be deleted."""

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="trace_blobs")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="uses")
    name = models.CharField(max_length=300)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("trace", "name"), name="one_blob_per_name"),
        ]

    def __str__(self) -> str:
        return self.name
