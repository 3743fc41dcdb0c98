"""Fixtures of the whole suite: PostgreSQL, the running product, a browser. Real things only."""

import os
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import DjangoDbBlocker

from mender_handoff.demo.processes import Stack, StackError, free_port
from tests.harness.browser import find_chromium
from tests.harness.contract import contract, is_described
from tests.harness.database import (
    LIVE_DATABASE,
    connected_to,
    copy_database,
    drop_database,
    send_wake_ups_here,
)
from tests.harness.live import LiveStack
from trace_app.project.postgres import Server, socket_directory, url
from trace_app.project.postgres_binaries import PostgresError

FOLDER = pytest.StashKey[tempfile.TemporaryDirectory[str]]()
LIVE = pytest.StashKey[LiveStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Point the settings at a private folder and server before Django reads them."""
    folder = tempfile.TemporaryDirectory(prefix="trace-t-", ignore_cleanup_errors=True)
    config.stash[FOLDER] = folder
    root = Path(folder.name)
    root.chmod(0o711)
    # Static files come from the finders; whitenoise warns when their other place is missing.
    (root / "var" / "static").mkdir(parents=True)
    os.environ["TRACE_VAR"] = str(root / "var")
    os.environ["PORT"] = str(free_port())
    os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 40
    os.environ.setdefault("DATABASE_URL", url(root / "pg", "trace"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "trace_app.project.settings"
    # Playwright's synchronous API keeps an event loop in this thread; our own code is synchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    django.setup()
    # Every test client has a handler of its own, and for each whitenoise would list all files anew.
    # The running product, which serves them, has settings of its own.
    settings.WHITENOISE_USE_FINDERS = False


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the private folder."""
    if folder := config.stash.get(FOLDER, None):
        folder.cleanup()


@pytest.fixture(scope="session", autouse=True)
def _answers_as_described() -> Iterator[None]:
    """Hold every answer of /v1/ that Django's test client gets against its description."""
    ask = Client.request

    def request(self: Client, **environment: Any) -> Any:
        answer = ask(self, **environment)
        method, path = environment["REQUEST_METHOD"], environment["PATH_INFO"]
        if is_described(method, path):
            kind = answer.headers.get("Content-Type", "")
            body = b"" if answer.streaming else answer.content
            contract().check(method, path, answer.status_code, kind, body)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "request", request)
        yield


@pytest.fixture(scope="session")
def var_dir() -> Path:
    """The product's own folder during this run: blobs, capsules, logs."""
    return Path(os.environ["TRACE_VAR"])


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> Iterator[Server | None]:
    """PostgreSQL for this run; None when DATABASE_URL names somebody else's server."""
    data = Path(pytestconfig.stash[FOLDER].name) / "pg"
    if str(socket_directory(data)).replace("/", "%2F") not in os.environ["DATABASE_URL"]:
        yield None
        return
    try:
        server = Server(data, source=os.environ.get("TRACE_POSTGRES", "any"), throw_away=True)
        server.start()
    except PostgresError as error:
        pytest.exit(str(error), returncode=3)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def django_db_setup(
    postgres_server: Server | None,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Make the database of marked tests, and beside it the one of the running product.

    Replaces pytest-django's fixture, which makes no database for a test that asks only for
    the running product.
    """
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=set())
        copy_database(str(connection.settings_dict["NAME"]), LIVE_DATABASE)
        send_wake_ups_here()
    yield
    if postgres_server is None:
        with django_db_blocker.unblock():
            drop_database(LIVE_DATABASE)
            teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def _running_stack(
    pytestconfig: pytest.Config, django_db_setup: None, var_dir: Path
) -> Iterator[Stack]:
    """Start web, worker and beat once for the whole session."""
    environment = {
        "DATABASE_URL": connected_to(LIVE_DATABASE),
        "TRACE_VAR": str(var_dir),
        "PORT": os.environ["PORT"],
        # Tests of lost wake-ups wait for beat.
        "TRACE_SWEEP_SECONDS": "5",
    }
    stack = Stack(int(os.environ["PORT"]), var_dir / "logs", environment)
    try:
        stack.start()
    except StackError as error:
        pytest.fail(str(error), pytrace=False)
    yield stack
    stack.stop()


@pytest.fixture
def live_stack(
    request: pytest.FixtureRequest, _running_stack: Stack, django_db_blocker: DjangoDbBlocker
) -> Iterator[LiveStack]:
    """The running product; this test's ORM works on the same database, which is never emptied.

    Such a test makes a team and a project of its own and must not be marked `django_db`: that
    mark's transaction belongs to another database.
    """
    if request.node.get_closest_marker("django_db"):
        pytest.fail("live_stack brings its own database: drop the django_db mark.", pytrace=False)
    _running_stack.keep_running()
    live = LiveStack(_running_stack, Path(os.environ["TRACE_VAR"]))
    request.node.stash[LIVE] = live
    with django_db_blocker.unblock(), live.database():
        yield live


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach what the product's processes wrote during a failed test."""
    report = yield
    live = item.stash.get(LIVE, None)
    if live is not None and report.failed:
        report.sections += [(f"log of {name}", text) for name, text in live.logs().items()]
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, driven by Playwright."""
    path = find_chromium()
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, live_stack: LiveStack) -> Iterator[Page]:
    """A new page, signed in nowhere, whose relative addresses lead to the running product."""
    context = chromium.new_context(base_url=live_stack.url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()
