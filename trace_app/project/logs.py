"""Keeps the secrets of public shares out of every log line: they are part of the address."""

import logging

from trace_app.domain.shares import mask_addresses


class MaskShareSecrets(logging.Filter):
    """Masks `/r/<short id>/<secret>` in the message and its arguments; drops nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record and let it pass."""
        if isinstance(record.msg, str):
            record.msg = mask_addresses(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(
                mask_addresses(value) if isinstance(value, str) else value for value in record.args
            )
        return True
