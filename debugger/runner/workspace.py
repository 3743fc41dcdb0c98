"""The files of one run on the host.

The exported tree, the plan, the sandbox's own /etc, the outputs. Everything is written below one
temporary folder that goes with the run.
"""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from debugger.runner import machine
from debugger.runner.machine import Mount
from trace_app.clients.git import GitRepository, TreeEntry

Json = dict[str, Any]
_BATCH_BYTES = 24 * 1024 * 1024
MAX_TREE_BYTES = 512 * 1024 * 1024
MAX_TREE_FILES = 50_000
_LINK, _SUBMODULE, _EXECUTABLE = "120000", "160000", "100755"


class TreeError(Exception):
    """The tree cannot be exported: too large, or paths that would leave its folder."""


class Workspace:
    """Folders of one run, and where the sandbox sees them."""

    APP: ClassVar[Path] = Path("/app")
    OUT: ClassVar[Path] = Path("/trace/out")
    LIB: ClassVar[Path] = Path("/trace/lib")
    PLAN: ClassVar[Path] = Path("/trace/plan.json")

    def __init__(self, root: Path) -> None:
        """Make the empty folders below `root`."""
        self.root = root
        self.app = root / "app"
        self.out = root / "out"
        self.scratch = root / "objects"
        self.blobs: dict[str, str] = {}
        for folder in (self.app, self.out):
            folder.mkdir(parents=True)
        self.links = {
            Path("/trace/bin/python"): machine.interpreter(),
            Path("/trace/bin/python3"): machine.interpreter(),
        }

    def export(self, repository: GitRepository, tree: str) -> None:
        """Write the tree's files, as git has them: no filters, no attributes, no hooks."""
        entries = repository.list_files(tree)
        _check(entries)
        for entry in entries:
            self._make_folder(entry)
        for batch in _batches([entry for entry in entries if entry.mode != _SUBMODULE]):
            contents = repository.read_blobs([entry.sha for entry in batch])
            for entry in batch:
                _write(self.app / entry.path, entry.mode, contents[entry.sha])
        self.blobs = {entry.path: entry.sha for entry in entries if entry.mode != _SUBMODULE}

    def write_plan(self, plan: Json) -> None:
        """Write what the guest plays."""
        (self.root / "plan.json").write_text(json.dumps(plan), encoding="utf-8")

    def write_configuration(self, hosts: Iterable[str]) -> None:
        """Write the sandbox's /etc: names, name server, users, and Chromium's policy."""
        etc = self.root / "etc"
        etc.mkdir(exist_ok=True)
        for name, text in _configuration(sorted(set(hosts))).items():
            (etc / name).write_text(text, encoding="utf-8")

    def mounts(self, deps: Path) -> list[Mount]:
        """All mounts of a run."""
        etc = [
            Mount(path, Path("/etc") / path.name)
            for path in sorted((self.root / "etc").iterdir())
            if path.name != "policy.json"
        ]
        policy = self.root / "etc" / "policy.json"
        return [
            *machine.interpreter_mounts(),
            *machine.chromium_mounts(),
            *machine.guest_mounts(self.LIB),
            *etc,
            Mount(policy, Path("/etc/chromium/policies/managed/trace.json")),
            Mount(policy, Path("/etc/opt/chrome/policies/managed/trace.json")),
            Mount(self.root / "plan.json", self.PLAN),
            Mount(deps, Path("/deps")),
            Mount(self.app, self.APP, writable=True),
            Mount(self.out, self.OUT, writable=True),
        ]

    def remove(self) -> None:
        """Delete everything."""
        shutil.rmtree(self.root, ignore_errors=True)

    def _make_folder(self, entry: TreeEntry) -> None:
        target = self.app / entry.path
        folder = target if entry.mode == _SUBMODULE else target.parent
        folder.mkdir(parents=True, exist_ok=True)


def _check(entries: tuple[TreeEntry, ...]) -> None:
    if len(entries) > MAX_TREE_FILES:
        raise TreeError(f"The tree has more than {MAX_TREE_FILES} files.")
    if sum(entry.size or 0 for entry in entries) > MAX_TREE_BYTES:
        raise TreeError(f"The tree is larger than {MAX_TREE_BYTES} bytes.")
    leaves = {entry.path for entry in entries}
    for entry in entries:
        parts = entry.path.split("/")
        folders = {"/".join(parts[:depth]) for depth in range(1, len(parts))}
        # A name that is a file (or a link) and a folder at once would be written through.
        if folders & leaves or any(part in ("", ".", "..") for part in parts):
            raise TreeError(f"The tree holds a path that cannot be written: {entry.path}")
        if any(part.lower() == ".git" for part in parts):
            raise TreeError(f"The tree holds a path that cannot be written: {entry.path}")


def _batches(entries: list[TreeEntry]) -> Iterable[list[TreeEntry]]:
    batch: list[TreeEntry] = []
    size = 0
    for entry in entries:
        if batch and size + (entry.size or 0) > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size or 0
    if batch:
        yield batch


def _write(target: Path, mode: str, content: bytes) -> None:
    if mode == _LINK:
        target.symlink_to(os.fsdecode(content))
        return
    target.write_bytes(content)
    target.chmod(0o755 if mode == _EXECUTABLE else 0o644)


def _configuration(hosts: list[str]) -> Mapping[str, str]:
    policy = {
        # "app" is also a public suffix that browsers want encrypted.
        "HSTSPolicyBypassList": hosts,
        "OverrideSecurityRestrictionsOnInsecureOrigin": [f"http://{host}" for host in hosts],
        "BuiltInDnsClientEnabled": False,
        "DnsOverHttpsMode": "off",
        "ComponentUpdatesEnabled": False,
        "PasswordManagerEnabled": False,
    }
    return {
        "hosts": f"127.0.0.1 localhost sandbox {' '.join(hosts)}\n",
        "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
        "passwd": "root:x:0:0:root:/tmp/home:/bin/sh\n",
        "group": "root:x:0:\n",
        "policy.json": json.dumps(policy),
    }
