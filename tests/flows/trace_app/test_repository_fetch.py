"""Which machines git is let call for a project: public ones and those that are named."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from trace_app.clients.git import GitError, GitRepository
from trace_app.clients.repositories import check_repository, open_repository


class Served(SimpleHTTPRequestHandler):
    """Files of a folder; `/moved/` leads to them by a redirect."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.headers["Host"])
        if self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/moved"))
            self.end_headers()
            return
        super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[int]:
    """The port of a server with the repository `shop.git`, as any web server gives it out."""
    work = tmp_path / "work"
    git = ("git", "-c", "user.name=A", "-c", "user.email=a@b.example", "-C", str(work))
    subprocess.run(["git", "init", "-q", "-b", "main", str(work)], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "one"], check=True)
    bare = str(tmp_path / "shop.git")
    subprocess.run(["git", "clone", "-q", "--bare", str(work), bare], check=True)
    subprocess.run(["git", "-C", bare, "update-server-info"], check=True)
    Served.asked = []

    def handler(*args: Any) -> Served:
        return Served(*args, directory=str(tmp_path))

    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def names(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    """A name server that gives every host these addresses."""

    def answer(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.mark.parametrize(
    "repo", ["https://10.0.0.5/shop.git", "ssh://git@10.0.0.5/shop.git", "git@10.0.0.5:shop.git"]
)
def test_a_private_host_is_not_called(repo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(GitRepository, "mirror", lambda *args: called.append(args[0]))
    with pytest.raises(GitError, match="private network"):
        open_repository(repo)
    assert called == []


def test_a_name_is_asked_for_again_before_each_fetch(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.OUTBOUND_ALLOWED_HOSTS = []
    names(monkeypatch, "93.184.215.14")
    check_repository("https://git.example/shop.git")
    names(monkeypatch, "93.184.215.14", "10.0.0.5")
    with pytest.raises(GitError, match="private network"):
        open_repository("https://git.example/shop.git")


def test_a_host_that_nobody_knows_may_be_saved_and_is_not_fetched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    check_repository("https://git.example/shop.git")
    with pytest.raises(GitError, match="has no address"):
        open_repository("https://git.example/shop.git")


def test_a_stored_token_is_not_handed_to_git() -> None:
    with pytest.raises(GitError, match="out of the address") as caught:
        open_repository("https://ghp_token@127.0.0.1/shop.git")
    assert "ghp_token" not in str(caught.value)


def test_a_host_that_is_named_is_fetched(served: int, tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path / "var"
    repository = open_repository(f"http://127.0.0.1:{served}/shop.git")
    assert list(repository.branches()) == ["main"]


def test_a_redirect_is_not_followed(served: int, tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path / "var"
    with pytest.raises(GitError, match="302"):
        open_repository(f"http://127.0.0.1:{served}/moved/shop.git")


def test_the_address_that_was_checked_is_the_one_that_is_called(
    served: int, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR_DIR = tmp_path / "var"
    settings.OUTBOUND_ALLOWED_HOSTS = ["git.example"]
    monkeypatch.setattr("trace_app.clients.repositories.check_host", lambda *_, **__: "127.0.0.1")
    repository = open_repository(f"http://git.example:{served}/shop.git")
    assert list(repository.branches()) == ["main"]
    assert set(Served.asked) == {f"git.example:{served}"}
