"""State at a step boundary.

Clones, application files, browser. Written once for the record (masked) and once for the restore
capsule (as it is).
"""

import asyncio
import json
from pathlib import Path
from typing import Any

from . import app_state, storage
from .calls import CallError
from .clone_set import CloneSet
from .recorder import Recorder
from .verbs import Stage

Json = dict[str, Any]


class Boundaries:
    """Takes the state after each step; that is the state before the next one."""

    def __init__(
        self, recorder: Recorder, clones: CloneSet, *, root: Path, paths: list[str], out: Path
    ) -> None:
        """`paths` are the application's state files below `root`.

        `out` gets one file per boundary.
        """
        self._recorder = recorder
        self._clones = clones
        self._root = root
        self._paths = paths
        self._out = out
        out.mkdir(exist_ok=True)

    async def take(self, step: int, stage: Stage) -> str:
        """Record the state after `step` (0.

        Before anything ran). Returns the page's accessible text.
        """
        snapshots, files = await asyncio.to_thread(self._collect)
        browser = await storage.capture(stage.context)
        await asyncio.to_thread(self._record_clones, step)
        if step:
            self._recorder.emit("storage.state", storage.masked(browser), step=step)
        capsule = {"clones": snapshots, "app": {"files": files}, "browser": browser}
        text = json.dumps(capsule, sort_keys=True)
        (self._out / f"{step + 1}.json").write_text(text, encoding="utf-8")
        return str(browser["aria"])

    def _collect(self) -> tuple[Json, dict[str, str]]:
        self._clones.settle()
        self._clones.collect()
        try:
            snapshots = self._clones.snapshots()
        except CallError:
            snapshots = {}
        return snapshots, app_state.capture(self._root, self._paths)

    def _record_clones(self, step: int) -> None:
        for kind in self._clones.clones:
            try:
                state = self._clones.state(kind)
            except CallError as error:
                lost = {"clone": kind, "method": "GET", "path": "/_clone/state"}
                self._recorder.emit(
                    "clone.unmodelled", {**lost, "error": str(error)}, level="error"
                )
                continue
            data = {"clone": kind, "state": state, "boundary": "after"}
            self._recorder.emit("clone.state", data, step=step)
