"""Received webhooks: stored once per id, marked when done, tried again until then."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from mender_handoff.models import WebhookDelivery
from trace_app.models import Project
from trace_app.queue import enqueue

LEASE = timedelta(seconds=30)
KEPT = timedelta(days=7)
#: With the sweep every 15 seconds: about an hour for a trace to arrive after its webhook.
MAX_TRIES = 240


@transaction.atomic
def store(
    *, project: Project, sender: str, delivery_id: str, event: str, body: dict[str, Any]
) -> bool:
    """Keep a delivery and wake its processing. False when this id was stored before."""
    # The constraint decides, not the order of two senders; any other broken one is an error.
    row, created = WebhookDelivery.objects.get_or_create(
        project=project,
        sender=sender,
        delivery_id=delivery_id,
        defaults={"event": event, "body": body},
    )
    if created:
        enqueue("mender_handoff.process_delivery", row.pk)
    return created


def take(*, pk: int) -> WebhookDelivery | None:
    """Lease an unprocessed delivery; None when it is done or another worker has it."""
    now = timezone.now()
    free = WebhookDelivery.objects.filter(pk=pk, processed=None).exclude(lease_until__gt=now)
    if not free.update(lease_until=now + LEASE):
        return None
    return WebhookDelivery.objects.select_related("project__team").get(pk=pk)


def done(*, delivery: WebhookDelivery) -> None:
    """Everything in it was taken over."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        processed=timezone.now(), lease_until=None, error=""
    )


def not_yet(*, delivery: WebhookDelivery, reason: str) -> None:
    """Something it speaks of is not here yet; what was taken over is not taken again.

    After MAX_TRIES it is given up, with the reason kept.
    """
    tries = delivery.tries + 1
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        tries=tries,
        error=reason[:1000],
        taken=delivery.taken,
        lease_until=None,
        processed=timezone.now() if tries >= MAX_TRIES else None,
    )


def forget_old() -> int:
    """Delete processed deliveries older than the time ids are kept."""
    old = WebhookDelivery.objects.filter(received__lt=timezone.now() - KEPT)
    return old.exclude(processed=None).delete()[0]
