"""Brings third-party browser files under static/vendor and keeps their lock; not for our own code.

`vendor.py` downloads each pinned npm package with `npm pack`, copies the listed files, bundles
CodeMirror from `scripts/codemirror` and writes `static/vendor/vendor.lock.json`;
`vendor.py --check` compares the tree with the lock, offline.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
LOCK = VENDOR / "vendor.lock.json"
# Its package.json pins what the bundle is made of; package-lock.json pins all that they need.
EDITOR = Path(__file__).resolve().parent / "codemirror"
ESBUILD = ["--bundle", "--minify", "--format=esm", "--target=es2022", "--legal-comments=none"]
META = "--metafile=meta.json"
NODE = ("sh", str(Path(__file__).resolve().parent / "node.sh"))


@dataclass(frozen=True)
class Package:
    """One npm package: pinned version, its licence, and {member of the tarball: our path}."""

    name: str
    version: str
    licence: str
    files: dict[str, str]


PACKAGES = (
    Package(
        name="@fontsource-variable/inter",
        version="5.3.0",
        licence="OFL-1.1",
        files={
            "files/inter-latin-wght-normal.woff2": "fonts/inter-latin.woff2",
            "files/inter-latin-ext-wght-normal.woff2": "fonts/inter-latin-ext.woff2",
            "LICENSE": "fonts/inter-OFL.txt",
        },
    ),
    Package(
        name="@fontsource-variable/jetbrains-mono",
        version="5.3.0",
        licence="OFL-1.1",
        files={
            "files/jetbrains-mono-latin-wght-normal.woff2": "fonts/jetbrains-mono-latin.woff2",
            "files/jetbrains-mono-latin-ext-wght-normal.woff2": (
                "fonts/jetbrains-mono-latin-ext.woff2"
            ),
            "LICENSE": "fonts/jetbrains-mono-OFL.txt",
        },
    ),
)


def fetch(package: Package, into: Path) -> Path:
    """The tarball of a package in directory `into`; raises CalledProcessError if npm refuses."""
    spec = f"{package.name}@{package.version}"
    command = [*NODE, "npm", "pack", "--silent", "--json", "--pack-destination", str(into), spec]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    reply = json.loads(done.stdout)
    # npm answers a list up to version 10 and a mapping by name since 11.
    entry = reply[0] if isinstance(reply, list) else next(iter(reply.values()))
    return into / str(entry["filename"])


def copy_files(package: Package, tarball: Path) -> list[dict[str, object]]:
    """Writes the package's files under static/vendor and returns their lock rows."""
    rows: list[dict[str, object]] = []
    with tarfile.open(tarball) as archive:
        for member, target in package.files.items():
            stream = archive.extractfile(f"package/{member}")
            if stream is None:
                raise SystemExit(f"{package.name} {package.version} has no file {member}.")
            body = stream.read()
            path = VENDOR / target
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            rows.append({"path": target, "from": member, **fingerprint(body)})
    return rows


def bundle_editor(into: Path) -> dict[str, object]:
    """Bundles CodeMirror in directory `into`, puts it under static/vendor; gives its lock entry."""
    shutil.copytree(EDITOR, into, ignore=shutil.ignore_patterns("node_modules"))
    target = VENDOR / "codemirror"
    target.mkdir(parents=True, exist_ok=True)
    for command in (
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
        ["node", "node_modules/esbuild/install.js"],
        ["npx", "esbuild", "entry.js", *ESBUILD, f"--outfile={target / 'codemirror.js'}", META],
    ):
        subprocess.run([*NODE, *command], check=True, cwd=into)
    (target / "LICENSE.txt").write_text(licences(into))
    shutil.copyfile(EDITOR / "codemirror.d.ts", target / "codemirror.d.ts")
    files = [
        {"path": f"codemirror/{path.name}", **fingerprint(path.read_bytes())}
        for path in sorted(target.iterdir())
    ]
    view = into / "node_modules" / "@codemirror" / "view" / "package.json"
    version = json.loads(view.read_text())["version"]
    return {"name": "@codemirror/view", "version": version, "licence": "MIT", "files": files}


def licences(built: Path) -> str:
    """The licence of every package that esbuild put into the bundle, under its name and version."""
    inputs = json.loads((built / "meta.json").read_text())["inputs"]
    found = (re.match(r"node_modules/((?:@[^/]+/)?[^/]+)/", path) for path in inputs)
    texts = []
    for name in sorted({match[1] for match in found if match}):
        package = built / "node_modules" / name
        version = json.loads((package / "package.json").read_text())["version"]
        texts.append(f"{name} {version}\n\n{(package / 'LICENSE').read_text().strip()}\n")
    return f"\n{'-' * 78}\n\n".join(texts)


def fingerprint(body: bytes) -> dict[str, object]:
    """{"bytes": n, "sha256": hex} of a file."""
    return {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def vendor() -> None:
    """Fetches everything and rewrites the lock."""
    entries: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            rows = copy_files(package, fetch(package, Path(folder)))
            entries.append(
                {
                    "name": package.name,
                    "version": package.version,
                    "licence": package.licence,
                    "files": rows,
                }
            )
        entries.append(bundle_editor(Path(folder) / "codemirror"))
    LOCK.write_text(json.dumps({"packages": entries}, indent=2) + "\n")


def problems() -> list[str]:
    """What differs between the lock and the tree, one sentence each; empty when they agree."""
    found = []
    locked: set[str] = set()
    for entry in json.loads(LOCK.read_text())["packages"]:
        for row in entry["files"]:
            locked.add(row["path"])
            path = VENDOR / row["path"]
            if not path.is_file():
                found.append(f"{row['path']} is missing: run `make vendor`.")
            elif fingerprint(path.read_bytes())["sha256"] != row["sha256"]:
                found.append(f"{row['path']} is not the file of {entry['name']}.")
    present = {str(p.relative_to(VENDOR)) for p in VENDOR.rglob("*") if p.is_file()}
    extra = present - locked - {LOCK.name}
    return found + [f"{path} is not in the lock." for path in sorted(extra)]


def main() -> int:
    """Exit status 0 when the vendored files are (now) those of the lock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only, without network")
    if not parser.parse_args().check:
        vendor()
    found = problems()
    for line in found:
        sys.stderr.write(line + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
