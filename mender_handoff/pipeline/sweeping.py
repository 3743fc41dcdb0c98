"""Finds deliveries and attempts that still have work and wakes them."""

from mender_handoff.actions.deliveries import forget_old
from mender_handoff.pipeline import deliveries, sending
from trace_app.queue import enqueue


def sweep() -> None:
    """One round; beat starts it every few seconds."""
    for delivery in deliveries.overdue():
        enqueue("mender_handoff.process_delivery", delivery)
    for attempt in sending.overdue():
        enqueue("mender_handoff.send_attempt", attempt)
    sending.ask_about_silent()
    forget_old()
