"""Waking a worker for a row, by task name, once the row is committed. Nothing here knows tasks."""

import logging

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)


def enqueue(task_name: str, *args: str | int) -> None:
    """Send the task after the surrounding transaction commits.

    A broker that is away loses only the wake-up: the sweep finds the row within 30 seconds.
    """
    transaction.on_commit(lambda: _send(task_name, args), robust=True)


def _send(task_name: str, args: tuple[str | int, ...]) -> None:
    try:
        current_app.send_task(task_name, args=args)
    except current_app.connection_for_write().connection_errors:
        logger.warning("no broker for %s; the sweep will find its row", task_name)
