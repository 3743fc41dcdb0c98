"""One run inside the sandbox, from plan to result.

Starts what is needed, plays, writes what came out.
"""

import asyncio
import contextlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from . import app_state, storage
from .application import HOST, Application
from .boundary import Boundaries
from .browser import Chromium, launch, start_trace
from .calls import CallError
from .clock import Clock
from .clone_set import CloneSet
from .plan import Plan
from .player import Player
from .recorder import Recorder
from .services import StartError
from .sink import Sink
from .traffic import BOUND_SECONDS, Traffic
from .verbs import Stage

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Places:
    """Directories as the sandbox shows them."""

    app: Path
    deps: Path
    out: Path
    scratch: Path
    lib: str
    chromium: str


@dataclass(slots=True)
class Result:
    """What the host reads first.

    `status` is passed, failed, error or unsound (a restored page that does not equal the recording:
    nothing was played).
    """

    status: str
    message: str = ""
    log_tail: str = ""
    steps: list[Json] = field(default_factory=list)


class Session:
    """Owns every process of a run and ends them."""

    def __init__(self, plan: Plan, places: Places) -> None:
        """Prepare; nothing is started yet."""
        self._plan = plan
        self._places = places
        self._recorder = Recorder(places.out / "events.ndjson", Clock())
        self._clones = CloneSet(
            self._recorder,
            app=places.app,
            lib=places.lib,
            scratch=places.scratch,
            stretch=plan.stretch,
        )
        self._application: Application | None = None
        self._chromium: Chromium | None = None
        self._blocked: set[tuple[int | None, str, int | None]] = set()

    async def run(self) -> Result:
        """Run the plan; every failure to get going becomes a result of status error."""
        sink = Sink(self._name_asked)
        starting = asyncio.ensure_future(launch(self._places.chromium, self._hosts()))
        try:
            application = await asyncio.to_thread(self._start_services)
            self._chromium = await starting
            return await self._play(application, self._chromium)
        except StartError as error:
            return Result("error", error.message, error.tail)
        except (PlaywrightError, CallError, OSError) as error:
            tail = self._application.tail() if self._application else ""
            return Result("error", str(error).strip(), tail)
        finally:
            await self._stop(starting)
            sink.close()
            self._recorder.close()

    def _start_services(self) -> Application:
        """Clones first, then state from the capsule, then the application on top of both."""
        plan, places = self._plan, self._places
        self._clones.start(plan.clones)
        self._clones.wait_ready()
        if plan.mode == "restore":
            self._clones.restore(plan.before.get("clones", {}))
            files = plan.before.get("app", {}).get("files", {})
            app_state.restore(places.app, self._state_paths(), files)
        application = Application(
            plan.app, self._clones, self._recorder, root=places.app, deps=places.deps
        )
        self._application = application
        application.start()
        # What the application does to a clone while it starts is not part of any step.
        self._clones.collect()
        return application

    async def _play(self, application: Application, chromium: Chromium) -> Result:
        recorded = self._plan.before.get("browser", {}) if self._plan.mode == "restore" else {}
        context = await chromium.context(storage.context_state(recorded) if recorded else None)
        await start_trace(context)
        player = self._player(context, application)
        page = await context.new_page()
        if recorded:
            await storage.reopen(page, recorded)
            await player.traffic.settle()
            if reason := await self._unsound(player.stage, recorded):
                return Result("unsound", reason)
        try:
            await player.boundaries.take(self._first() - 1, player.stage)
            await player.play()
        finally:
            await self._save_trace(context)
        return self._result(player)

    def _player(self, context: BrowserContext, application: Application) -> Player:
        blobs = self._places.out / "blobs"
        blobs.mkdir(exist_ok=True)
        traffic = Traffic(
            context,
            now=self._recorder.clock.now,
            on_blocked=self._block,
            known_hosts=self._hosts(),
            bound=BOUND_SECONDS * self._plan.stretch,
        )
        boundaries = Boundaries(
            self._recorder,
            self._clones,
            root=self._places.app,
            paths=self._state_paths(),
            out=self._places.out / "before",
        )
        stage = Stage(context, self._clones, self._places.app, blobs, self._plan.timeout_ms)
        scenario = self._places.app / str(self._plan.scenario.get("path") or "scenario")
        return Player(self._plan, stage, traffic, self._recorder, boundaries, application, scenario)

    async def _unsound(self, stage: Stage, recorded: Json) -> str:
        """Why the restored page cannot stand for the recorded one; "" when it can."""
        shown = await storage.accessible_text(stage.page)
        if shown != recorded.get("aria"):
            return "the restored page does not read as it was recorded"
        now = await asyncio.to_thread(self._clones.snapshots)
        for kind, snapshot in self._plan.before.get("clones", {}).items():
            if kind in now and now[kind]["state"] != snapshot["state"]:
                return f"opening the restored page changed the {kind} clone"
        return ""

    def _result(self, player: Player) -> Result:
        failed = [report for report in player.reports if report.status == "failed"]
        tail = player.application.tail()
        steps = [asdict(report) for report in player.reports]
        message = failed[0].error["message"] if failed and failed[0].error else ""
        return Result("failed" if failed else "passed", message, tail, steps)

    def _first(self) -> int:
        return self._plan.from_step if self._plan.mode == "restore" else 1

    def _state_paths(self) -> list[str]:
        return list(self._plan.app.get("state_paths") or [])

    def _hosts(self) -> frozenset[str]:
        return frozenset({HOST, "localhost", *(clone["kind"] for clone in self._plan.clones)})

    def _name_asked(self, host: str) -> None:
        self._block(host, None, "")

    def _block(self, host: str, port: int | None, scheme: str) -> None:
        """Record once per step and address: a retry is not another attempt to leave."""
        seen = (self._recorder.step, host, port)
        if seen not in self._blocked:
            self._blocked.add(seen)
            data: Json = {"host": host, "port": port, "scheme": scheme or None}
            known = {key: value for key, value in data.items() if value is not None}
            self._recorder.emit("egress.blocked", known, level="warning")

    async def _save_trace(self, context: BrowserContext) -> None:
        with contextlib.suppress(PlaywrightError):
            await context.tracing.stop(path=self._places.out / "playwright.zip")

    async def _stop(self, starting: asyncio.Future[Chromium]) -> None:
        # The sandbox kills what is left; this is for a tidy end of the logs.
        if self._application:
            await asyncio.to_thread(self._application.stop)
        await asyncio.to_thread(self._clones.stop)
        with contextlib.suppress(PlaywrightError):
            await (await starting).close()


def write_result(result: Result, out: Path) -> None:
    """Leave the result where the host looks for it, in one piece."""
    part = out / "result.json.part"
    part.write_text(json.dumps(asdict(result)), encoding="utf-8")
    part.rename(out / "result.json")
