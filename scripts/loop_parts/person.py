"""The engineer of the loop.

Signs in, replays, promotes over HTTP, and merges with plain git in a clone.
"""

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

WAIT_SECONDS = 240.0


class LoopError(Exception):
    """A stage did not hold; the message is shown in the table."""


class Person:
    """A signed-in session. Every answer is JSON or an error with what the server said."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=60, follow_redirects=True)
        page = self.http.get("/login")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        if token is None:
            raise LoopError("the login page has no form")
        form = {"username": username, "password": password, "csrfmiddlewaretoken": token.group(1)}
        answer = self.http.post("/login", data=form, headers={"Referer": f"{url}/login"})
        if "sessionid" not in self.http.cookies:
            raise LoopError(f"{username} could not sign in: {answer.status_code}")
        self.url = url

    def get(self, path: str) -> Any:
        """A GET of the API."""
        return self._answer(self.http.get(path))

    def post(self, path: str, body: dict[str, Any], key: str = "") -> Any:
        """A POST of the API with the session's CSRF token."""
        headers = {"X-CSRFToken": self.http.cookies["csrftoken"], "Referer": self.url}
        headers |= {"Idempotency-Key": key} if key else {}
        return self._answer(self.http.post(path, json=body, headers=headers))

    @staticmethod
    def _answer(reply: httpx.Response) -> Any:
        if reply.status_code >= 400:
            raise LoopError(f"{reply.request.url.path}: {reply.status_code} {reply.text[:500]}")
        return reply.json()


def until[T](what: str, ask: Callable[[], T | None], seconds: float = WAIT_SECONDS) -> T:
    """Ask until there is an answer."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > end:
            raise LoopError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.3)
    return answer


class Clone:
    """A person's clone of the repository: plain git, as `make demo` prints it."""

    def __init__(self, repository: Path, folder: Path) -> None:
        self.folder = folder
        _git(folder.parent, "clone", "-q", str(repository), str(folder))
        _git(folder, "config", "user.name", "Olivia Owner")
        _git(folder, "config", "user.email", "olivia@acme.example")

    def merge(self, branch: str, into: str) -> None:
        """Fetch, switch, merge. Nothing is pushed yet."""
        _git(self.folder, "fetch", "-q", "origin")
        _git(self.folder, "switch", "-q", "-C", into, f"origin/{into}")
        self.merge_more(branch)

    def merge_more(self, branch: str) -> None:
        """Merge another branch into the one at hand."""
        _git(self.folder, "merge", "-q", "--no-ff", "-m", f"Merge {branch}", f"origin/{branch}")

    def push(self, branch: str) -> str:
        """Push and give the sha that was pushed."""
        _git(self.folder, "push", "-q", "origin", branch)
        return _git(self.folder, "rev-parse", "HEAD").strip()


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LoopError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout
