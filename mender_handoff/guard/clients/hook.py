"""Installs the push hook into a bare repository on this machine."""

import json
import os
from pathlib import Path

from mender_handoff.guard.domain.push_hook import CONFIG_NAME, SCRIPT


def install(git_dir: Path, *, url: str, token: str) -> None:
    """Write the hook (0755) and its token (0600). Writing them again replaces them."""
    _write(git_dir / CONFIG_NAME, json.dumps({"url": url, "token": token}), 0o600)
    hooks = git_dir / "hooks"
    hooks.mkdir(exist_ok=True)
    _write(hooks / "post-receive", SCRIPT, 0o755)


def _write(path: Path, text: str, mode: int) -> None:
    """The mode holds from the first byte on, and readers see the old file or the new one."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
    draft.replace(path)
