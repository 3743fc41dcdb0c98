"""Installs the push hook into a git directory on this machine; replaces nobody else's hook."""

import json
import os
from pathlib import Path

from mender_handoff.guard.domain.push_hook import CONFIG_NAME, MARK, SCRIPT


class HookTakenError(Exception):
    """The repository has a post-receive hook of its own; it was left alone."""


def check(git_dir: Path) -> None:
    """Raise HookTakenError where installing would replace somebody's hook."""
    hook = _place(git_dir)
    # A link is somebody's own arrangement, wherever it leads.
    taken = hook.is_symlink() or (
        hook.exists() and MARK not in hook.read_text(encoding="utf-8", errors="replace")
    )
    if taken:
        raise HookTakenError(f"{hook} is a hook of its own and was left alone")


def install(git_dir: Path, *, url: str, token: str) -> None:
    """Write the hook (0755) and its token (0600) into a git directory, never into a work tree.

    Writing them again replaces them. HookTakenError.
    """
    check(git_dir)
    _write(git_dir / CONFIG_NAME, json.dumps({"url": url, "token": token}), 0o600)
    _place(git_dir).parent.mkdir(exist_ok=True)
    _write(_place(git_dir), SCRIPT, 0o755)


def _place(git_dir: Path) -> Path:
    return git_dir / "hooks" / "post-receive"


def _write(path: Path, text: str, mode: int) -> None:
    """The mode holds from the first byte on, and readers see the old file or the new one."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
    draft.replace(path)
