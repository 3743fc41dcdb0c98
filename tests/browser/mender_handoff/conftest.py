"""What the tests of the hand-off's pages share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A folder for repositories: its path stands in a picture."""
    with tempfile.TemporaryDirectory(prefix="kiln-and-cup-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
