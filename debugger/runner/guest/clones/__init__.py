"""Stateful stand-ins for vendors that run beside the application under test.

Standard library and aiosmtpd only: this package is mounted alone inside the sandbox. A project's
own clone imports from here: ``from guest.clones import Clone, Request, Response, Unmodelled``.
"""

from .base import Clone, SnapshotError, Unmodelled
from .wire import BadBody, Request, Response

__all__ = ["BadBody", "Clone", "Request", "Response", "SnapshotError", "Unmodelled"]
