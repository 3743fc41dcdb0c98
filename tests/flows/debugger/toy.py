"""A small application in a git repository, for tests of the runner: a guest book on SQLite."""

from datetime import UTC, datetime
from pathlib import Path

from trace_app.clients.git import GitRepository, Person
from trace_app.clients.git.process import run_git

ADA = Person("Ada", "ada@example.org")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)

APP = '''
"""Guest book: one page, one table."""

import html, http.server, os, socket, sqlite3, urllib.parse
from pathlib import Path

GREETING = "Welcome"
DB = Path("var/book.db")

PAGE = """<!doctype html><html lang=en><title>Book</title><h1>{greeting}, {user}</h1>
<form method=post action=/add><label>Name <input name=name></label>
<label>Secret <input type=password name=secret></label><button>Sign</button></form>
<p>{count} entries</p><ul>{entries}</ul><a href=/about>About</a><a href=/out>Out</a>
<script>
sessionStorage.visits = Number(sessionStorage.visits || 0) + 1; localStorage.theme = "dark";
fetch("/api/count").then(r => r.json()).then(n => {{ document.title = "Book " + n }});
</script></html>"""

def database():
    DB.parent.mkdir(exist_ok=True)
    connection = sqlite3.connect(DB)
    connection.execute("create table if not exists entry (name text)")
    return connection

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with database() as db:
            names = [row[0] for row in db.execute("select name from entry order by rowid")]
        if self.path == "/health":
            return self.send(200, "ok")
        if self.path == "/api/count":
            return self.send(200, str(len(names)), "application/json")
        if self.path == "/about":
            return self.send(200, "<h1>About</h1><p>A book.</p><a href=/>Home</a>")
        if self.path == "/typing":
            return self.send(200, "<h1>Typing</h1><label>Note <input></label><button>Save</button>")
        if self.path == "/boom":
            return self.send(500, "<h1>Broken</h1><script>console.error('it broke')</script>")
        if self.path == "/out":
            try:
                socket.create_connection(("vendor.example.com", 443), timeout=2)
            except OSError as error:
                print("cannot reach the vendor:", error)
            return self.send(200, "<h1>Out</h1><img src=https://cdn.example.net/x.png>")
        user = "friend" if "user=ada" not in self.headers.get("Cookie", "") else "Ada"
        entries = "".join(f"<li>{html.escape(name)}</li>" for name in names)
        page = PAGE.format(greeting=GREETING, user=user, count=len(names), entries=entries)
        self.send(200, page, cookie="user=ada; HttpOnly")

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        form = urllib.parse.parse_qs(self.rfile.read(size).decode())
        with database() as db:
            db.execute("insert into entry values (?)", (form["name"][0],))
        print("signed by", form["name"][0], flush=True)
        self.send_response(303)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send(self, status, text, kind="text/html", cookie=None):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

if os.environ.get("BROKEN"):
    raise SystemExit("settings are wrong: BROKEN is set")
server = http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler)
print("listening", flush=True)
server.serve_forever()
'''

MOLAR = """
[app]
start = "python app.py"
ready = "/health"
ready_timeout = 10

[app.env]
SELF = "{app.url}"

[app.state]
paths = ["var/book.db"]
"""

HEAD = """---
spec_version: "1.0"
id: 01932f6e-7c1a-7f3e-9b1d-2a4c5d6e7f80
slug: {slug}
description: Someone signs the guest book
timeout_ms: {timeout}
---
# Sign the guest book
## Steps
"""

SIGN = """1. navigate `/`
   - expect text "0 entries"
2. fill field "Name" with "Grace"
3. click button "Sign"
   - expect text "1 entries"
   - expect network POST `/add` status 303
4. click link "About"
   - expect url `/about`
   - expect text "A book."
5. click link "Home"
   - expect text "Welcome, Ada"
   - expect no console errors
"""


def scenario(steps: str, *, slug: str = "sign", timeout: int = 5000) -> str:
    """A scenario file with these steps; `timeout` is in milliseconds."""
    return HEAD.format(slug=slug, timeout=timeout) + steps


class Toy:
    """The repository, one commit per change on `main`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "toy.git"
        self.repository = GitRepository.create_bare(self.path)
        empty = run_git(self.path, ["mktree"]).decode().strip()
        files: dict[str, bytes | None] = {
            "app.py": APP.encode(),
            ".molar/molar.toml": MOLAR.encode(),
            ".molar/scenarios/sign.molar.md": scenario(SIGN).encode(),
        }
        self.sha = self._commit(empty, [], files)

    def change(self, **files: str | None) -> str:
        """A commit on top of the first, with files replaced (names with `__` for `/`)."""
        return self.change_files(files)

    def change_files(self, files: dict[str, str | None]) -> str:
        """A commit on top of the first, with these files replaced or (None) removed."""
        contents = {name: None if text is None else text.encode() for name, text in files.items()}
        return self._commit(self.sha, [self.sha], contents)

    def _commit(self, base: str, parents: list[str], files: dict[str, bytes | None]) -> str:
        tree = self.repository.write_tree_with(base, files)
        return self.repository.commit_tree(tree, parents, "Change", ADA, NOON)
