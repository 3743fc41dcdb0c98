"""Celery's entry points to the hand-off. Each wakes a row; the row knows what is left to do."""

from celery import shared_task

from mender_handoff.pipeline import deliveries, sending, sweeping

#: After these the sweep goes on looking.
LOOKS = 10


@shared_task(name="mender_handoff.process_delivery")
def process_delivery(pk: int, looked: int = 0) -> None:
    """Process a received webhook; look again in a second while its trace is being read."""
    if not deliveries.process(pk) and looked < LOOKS:
        process_delivery.apply_async(args=(pk, looked + 1), countdown=1)


@shared_task(name="mender_handoff.send_attempt")
def send_attempt(attempt_id: str) -> None:
    """Send an attempt to Guard."""
    sending.send(attempt_id)


@shared_task(name="mender_handoff.sweep")
def sweep() -> None:
    """Wake every row whose wake-up was lost."""
    sweeping.sweep()
