"""Dependencies are built once from what the command may read, and nobody else's build is taken."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from debugger.runner import dependencies, levels, setup_settings
from debugger.runner.dependencies import Build, BuildError
from debugger.runner.workspace import Workspace

SHOP, OTHER = Path("/srv/shop.git"), Path("/srv/other.git")
APP = "open('/deps/app', 'w').write('1')\n"
FILES = {"requirements.txt": "stripe==1\n", "app.py": APP}
CHANGED = {"app.py": APP.replace("1", "2")}
COPY = "cp requirements.txt {deps}/lock"


class House:
    """Checkouts of one machine and the cache they share."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.count = 0

    def checkout(self, changed: Mapping[str, str] = MappingProxyType({})) -> Workspace:
        self.count += 1
        made = Workspace(self.root / str(self.count))
        for path, text in {**FILES, **changed}.items():
            (made.app / path).parent.mkdir(parents=True, exist_ok=True)
            (made.app / path).write_text(text)
            made.blobs[path] = hashlib.sha256(text.encode()).hexdigest()
        return made

    def build(self, workspace: Workspace, setup: str, owner: Path = SHOP) -> tuple[Path, int]:
        """The folder, and how many builds it took."""
        level = levels.detect()
        assert level is not None, levels.NO_SANDBOX
        built: list[str] = []
        folder = dependencies.ensure(
            Build(workspace, owner, setup, self.root / "cache"),
            level=level,
            should_cancel=lambda: False,
            on_build=lambda: built.append("built"),
        )
        return folder, len(built)

    def kept(self) -> int:
        return len(list((self.root / "cache" / "deps").iterdir()))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_branches_with_equal_lock_files_share_a_build(house: House) -> None:
    first, builds = house.build(house.checkout(), COPY)
    assert builds == 1
    assert (first / "lock").read_text() == "stripe==1\n"
    assert house.build(house.checkout(CHANGED), COPY) == (first, 0)
    other, builds = house.build(house.checkout({"requirements.txt": "stripe==2\n"}), COPY)
    assert (other != first, builds, house.kept()) == (True, 1, 2)


def test_repositories_share_nothing(house: House) -> None:
    first, _ = house.build(house.checkout(), COPY)
    other, builds = house.build(house.checkout(), COPY, owner=OTHER)
    assert (other != first, builds) == (True, 1)


def test_code_beside_a_lock_file_has_no_say(house: House) -> None:
    setup = "python -m pip hash requirements.txt"
    folder, builds = house.build(house.checkout({"pip.py": APP}), setup)
    assert (list(folder.iterdir()), builds) == ([], 1)
    assert house.build(house.checkout(), setup) == (folder, 0)
    package = {"pip/__init__.py": APP, "pip/__main__.py": ""}
    own, builds = house.build(house.checkout(package), setup)
    assert (own != folder, builds) == (True, 1), "what it names is code: a build of its own"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("setup", "tries"),
    [
        ("python app.py", 1),
        ("python app.py requirements.txt", 1),
        ("cp -r . {deps}/all", 1),
        ("cat requirements.txt; python app.py", 1),
        # Names a lock file alone and wants more, which the first try cannot find.
        ('python -c "import app" requirements.txt', 2),
    ],
)
def test_a_setup_that_uses_the_checkouts_code_is_built_for_that_code(
    house: House, setup: str, tries: int
) -> None:
    first, builds = house.build(house.checkout(), setup)
    assert builds == tries
    assert list(first.iterdir())
    assert house.build(house.checkout(), setup) == (first, 0)
    other, _ = house.build(house.checkout(CHANGED), setup)
    assert other != first


def test_a_new_scenario_builds_nothing_anew(house: House) -> None:
    setup = "cp -r . {deps}/all"
    first, _ = house.build(house.checkout(), setup)
    scenario = {".molar/scenarios/new.molar.md": "# New\n"}
    assert house.build(house.checkout(scenario), setup) == (first, 0)


def test_a_build_leaves_nothing_in_the_checkout(house: House) -> None:
    workspace = house.checkout()
    house.build(workspace, "touch in-checkout")
    assert not (workspace.app / "in-checkout").exists()


def test_a_failing_setup_says_what_it_printed(house: House) -> None:
    with pytest.raises(BuildError) as caught:
        house.build(house.checkout(), "echo no such package; exit 1")
    assert "setup command" in caught.value.message
    assert "no such package" in caught.value.log
    assert house.kept() == 0


def test_a_setup_sees_no_home_and_no_settings(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "very secret")
    here, home = Path(__file__).parent, Path.home()
    script = f"env > {{deps}}/env; ls -d {here} {home}/.ssh > {{deps}}/seen; true"
    folder, _ = house.build(house.checkout(), script)
    assert "very secret" not in (folder / "env").read_text()
    assert (folder / "seen").read_text() == ""


def test_a_setup_sees_certificates_and_no_private_keys(house: House) -> None:
    look = "import ssl; print(len(ssl.create_default_context().get_ca_certs()))"
    script = f"ls /etc/ssl > {{deps}}/ssl; python -c '{look}' > {{deps}}/trusted"
    folder, _ = house.build(house.checkout(), script)
    assert set((folder / "ssl").read_text().split()) <= {"certs", "openssl.cnf"}
    assert int((folder / "trusted").read_text()) > 0


def test_a_setup_is_told_of_mirrors_and_of_no_keys(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_PUBLISH_TOKEN", "pypi-secret")
    monkeypatch.setenv("PIP_CLIENT_CERT", "/srv/secret.pem")
    monkeypatch.setenv("PIP_INDEX_URL", "https://ci:secret@mirror.example/simple")
    monkeypatch.setenv("UV_INDEX", "a=https://secret@a.example/b https://c.example/@scope")
    folder, _ = house.build(house.checkout(), "env > {deps}/env")
    seen = (folder / "env").read_text()
    assert "secret" not in seen
    assert "PIP_INDEX_URL=https://mirror.example/simple\n" in seen
    assert "UV_INDEX=a=https://a.example/b https://c.example/@scope\n" in seen


def test_pips_configuration_comes_without_passwords(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = tmp_path / "etc" / "pip.conf"
    configuration.parent.mkdir()
    configuration.write_text("[global]\nindex-url = https://ci:secret@mirror.example/simple\n")
    monkeypatch.setattr(setup_settings, "_PIP_CONFIGURATION", configuration)
    [mount] = [one for one in setup_settings.mounts({}, tmp_path) if one.target == configuration]
    assert mount.source.read_text() == "[global]\nindex-url = https://mirror.example/simple\n"


def test_a_certificate_is_mounted_where_a_setting_names_it(tmp_path: Path) -> None:
    bundle = tmp_path / "ours.pem"
    bundle.write_text("-----BEGIN CERTIFICATE-----")
    named = {"SSL_CERT_FILE": str(bundle), "PIP_CERT": str(tmp_path)}
    targets = [one.target for one in setup_settings.mounts(named, tmp_path)]
    assert bundle in targets
    assert tmp_path not in targets, "a folder may hold keys"
