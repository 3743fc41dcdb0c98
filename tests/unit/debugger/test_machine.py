"""Which Chromium a run drives, of those a machine has."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from debugger.runner import machine


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The only folder that is searched for commands; nothing has been downloaded."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "browsers"))
    monkeypatch.delenv("TRACE_CHROMIUM", raising=False)
    machine.chromium.cache_clear()
    yield folder
    machine.chromium.cache_clear()


def command(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_shell_comes_before_the_whole_browser(path: Path) -> None:
    command(path / "chromium")
    shell = command(path / "chromium-headless-shell")
    assert machine.chromium() == shell


def test_a_named_one_comes_before_all(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(path / "chromium-headless-shell")
    named = command(tmp_path / "chrome")
    monkeypatch.setenv("TRACE_CHROMIUM", str(named))
    assert machine.chromium() == named
    assert machine.chromium_mounts() == [machine.Mount(tmp_path, tmp_path)]


def test_of_those_playwright_fetched_the_newest_shell(path: Path, tmp_path: Path) -> None:
    browsers = tmp_path / "browsers"
    command(browsers / "chromium-1255" / "chrome-linux64" / "chrome")
    command(browsers / "chromium_headless_shell-1250" / "chrome-linux" / "headless_shell")
    newest = command(
        browsers
        / "chromium_headless_shell-1255"
        / "chrome-headless-shell-linux64"
        / "chrome-headless-shell"
    )
    assert machine.chromium() == newest
    newest.unlink()
    machine.chromium.cache_clear()
    assert "1250" in str(machine.chromium())


def test_none_is_answered_with_the_remedy(path: Path) -> None:
    with pytest.raises(machine.MachineError, match="install the package"):
        machine.chromium()
