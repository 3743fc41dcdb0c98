"""The private PostgreSQL: found, started, refused and stopped as the supervisor promises."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from tests.repo.source import ROOT
from trace_app.project.postgres import Server, socket_directory, throw_away_server, url
from trace_app.project.postgres_binaries import REMEDY, Binaries, PostgresError, find
from trace_app.project.postgres_launcher import Launcher
from trace_app.project.postgres_pool import check

SOURCE = os.environ.get("TRACE_POSTGRES", "any")


def test_a_second_server_on_the_same_data_is_refused_and_the_first_lives_on() -> None:
    with throw_away_server(SOURCE) as server:
        server.create_database("x")
        with pytest.raises(PostgresError, match="Another Trace is using"):
            Server(server.data, source=SOURCE, throw_away=True).start()
        with psycopg.connect(server.url("x")) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_it_stops_starts_again_and_keeps_its_data() -> None:
    with throw_away_server(SOURCE) as server:
        server.create_database("kept")
        server.stop()
        assert not server.running()
        assert not list(server.socket.glob(".s.*"))
        server.start()
        with psycopg.connect(server.url("kept")) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("trace",)


def test_nobody_else_can_enter_and_nothing_listens_on_the_network() -> None:
    with throw_away_server(SOURCE) as server, psycopg.connect(server.url("postgres")) as connection:
        assert server.socket.stat().st_mode & 0o077 == 0
        assert server.data.stat().st_mode & 0o077 == 0
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_it_dies_with_its_owner(tmp_path: Path) -> None:
    """Killed without a chance to clean up, the owner leaves no server behind."""
    program = (
        "import os, sys; from pathlib import Path; from trace_app.project.postgres import Server;"
        f"s = Server(Path(sys.argv[1]), source={SOURCE!r}, throw_away=True); s.start();"
        "print(s._process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    # Short, and reachable for an unprivileged server, unlike pytest's own directory.
    with throw_away_server(SOURCE) as neighbour:
        data = neighbour.data.parent / "orphan"
        reply = subprocess.run(
            [sys.executable, "-c", program, str(data)], cwd=ROOT, capture_output=True, text=True
        )
        assert reply.returncode == -9, reply.stderr
        wait_until_gone(data / "base" / "postmaster.pid")


def wait_until_gone(path: Path) -> None:
    # The server removes its lock as its last act; this process is not its parent.
    subprocess.run(
        [
            "sh",
            "-c",
            f'i=0; while [ -e "{path}" ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done',
        ],
        check=True,
    )
    assert not path.exists()


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 30)
    assert len(f"{socket_directory(data)}/.s.PGSQL.5432") <= 90
    assert "%2F" in url(data, "trace")


def test_a_data_directory_of_a_missing_version_is_named(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "PG_VERSION").write_text("11\n")
    with pytest.raises(PostgresError, match=r"PostgreSQL 11.*demo-reset"):
        Server(tmp_path)


def test_no_postgresql_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trace_app.project.postgres_binaries._on_machine", list)
    monkeypatch.setattr("trace_app.project.postgres_binaries._in_wheel", list)
    with pytest.raises(PostgresError) as refused:
        find()
    assert str(refused.value) == REMEDY


def test_a_server_that_cannot_start_shows_its_log() -> None:
    with throw_away_server(SOURCE) as server:
        server.stop()
        (server.data / "base" / "postgresql.conf").write_text("shared_buffers = nonsense\n")
        with pytest.raises(PostgresError, match="nonsense"):
            server.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give its rights away")
def test_root_without_user_namespaces_becomes_an_unprivileged_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    binaries = find("machine") if Path("/usr/lib/postgresql").exists() else find()
    monkeypatch.setattr(
        "trace_app.project.postgres_launcher.NAMESPACE", ("false-because-not-allowed",)
    )
    if not reachable_by_everybody(binaries):
        with pytest.raises(PostgresError, match="ordinary user"):
            Launcher.choose(binaries)
        return
    with throw_away_server("machine") as server:
        assert server.data.stat().st_uid == 65534
        server.create_database("x")


def reachable_by_everybody(binaries: Binaries) -> bool:
    places = [binaries.directory, *binaries.directory.parents]
    return all(place.stat().st_mode & 0o001 for place in places)


def test_a_pooled_connection_that_the_server_ended_is_not_given_out() -> None:
    with (
        throw_away_server(SOURCE) as server,
        ConnectionPool(server.url("postgres"), min_size=1, max_size=1, check=check) as pool,
    ):
        with pool.connection() as connection:
            first = connection.info.backend_pid
        with pool.connection() as connection:
            assert connection.info.backend_pid == first
        with psycopg.connect(server.url("postgres")) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
        with pool.connection() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert connection.info.backend_pid != first
