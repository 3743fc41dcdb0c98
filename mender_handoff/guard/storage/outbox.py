"""Records that Trace could not be given yet: one folder per check or job, one file per run.

The files are the whole truth about what is left to send. Sends nothing.
"""

import contextlib
import shutil
from pathlib import Path

from django.conf import settings


def keep(owner: str, name: str, bundle: Path) -> None:
    """Keep a copy of a bundle, for the owner of this process alone. The same again replaces it."""
    folder = _folder(owner)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f"{name}.new"
    # Made empty with its mode first: what a run saw is nobody else's business.
    draft.touch(mode=0o600)
    shutil.copyfile(bundle, draft)
    draft.replace(folder / f"{name}.zip")


def kept(owner: str) -> list[tuple[str, Path]]:
    """What is left to send of a check or job, by name."""
    return [(path.stem, path) for path in sorted(_folder(owner).glob("*.zip"))]


def forget(path: Path) -> None:
    """It was sent, or never will be."""
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        path.parent.rmdir()


def _folder(owner: str) -> Path:
    return Path(settings.VAR_DIR) / "outbox" / owner
