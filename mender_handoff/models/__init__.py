"""The tables of the hand-off: attempts, their history, and received webhooks."""

from mender_handoff.models.attempt import AttemptEvent, MenderAttempt, WebhookDelivery

__all__ = ["AttemptEvent", "MenderAttempt", "WebhookDelivery"]
