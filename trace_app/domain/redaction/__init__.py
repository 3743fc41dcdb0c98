"""Redaction of the record: what is masked, by which rule, with one stable token per value.

The restore capsule is not handled here: it is kept apart and encrypted.
"""

from trace_app.domain.redaction.redactor import Redactor
from trace_app.domain.redaction.zips import rewrite_zip

__all__ = ["Redactor", "rewrite_zip"]
