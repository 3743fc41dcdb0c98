"""Names that stand in two places mean the same thing in both."""

import ast
import subprocess
import sys

from django.conf import settings

from tests.repo.source import ROOT, name, product_python, tree
from trace_app.project.celery import app

GUEST = "debugger/runner/guest/"
GUEST_MAY_IMPORT = {"playwright", "aiosmtpd"}


def registered() -> set[str]:
    app.loader.import_default_modules()
    return {str(task) for task in app.tasks} - {"celery.ping"}


def enqueued() -> dict[str, str]:
    """Return {task name: where} for every `enqueue(...)` in the product."""
    found = {}
    for path in product_python():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and node.args and called(node) == "enqueue":
                for task in values(node.args[0]):
                    found[task] = f"{name(path)}:{node.lineno}"
    return found


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def values(argument: ast.expr) -> list[str]:
    """Return the string, or what the constant of that name holds anywhere in the product."""
    if isinstance(argument, ast.Constant):
        return [str(argument.value)]
    wanted = getattr(argument, "id", "") or getattr(argument, "attr", "")
    return [
        str(node.value.value)
        for path in product_python()
        for node in tree(path).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if getattr(target, "id", "") == wanted
    ]


def test_every_enqueued_task_is_registered() -> None:
    known = registered()
    assert {task: place for task, place in enqueued().items() if task not in known} == {}


def test_every_scheduled_task_is_registered() -> None:
    scheduled = {str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled - registered() == set()


def test_task_bodies_are_thin() -> None:
    """What a task does stands in an action or a pipeline, where a test can call it."""
    fat = []
    for path in product_python():
        if path.name not in {"tasks.py", "jobs.py"} or not (path.parent / "apps.py").exists():
            continue
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef):
                body = [part for part in node.body if not is_docstring(part)]
                if body and (body[-1].end_lineno or 0) - body[0].lineno + 1 > 6:
                    fat.append(f"{name(path)}:{node.lineno} {node.name}")
    assert fat == []


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_the_guest_imports_nothing_of_ours() -> None:
    """The guest is mounted alone in the sandbox: what it imports must be there."""
    allowed = set(sys.stdlib_module_names) | GUEST_MAY_IMPORT
    found = []
    for path in product_python():
        if not name(path).startswith(GUEST):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module or ""]
            else:
                continue
            found += [
                f"{name(path)}:{node.lineno} {module}"
                for module in modules
                if module.partition(".")[0] not in allowed
                and not module.startswith("debugger.runner.guest")
            ]
    assert found == []


def test_only_actions_and_pipelines_write() -> None:
    """Views, the API and tasks never save: the actions are the only writers."""
    writes = {"save", "bulk_create", "bulk_update", "update_or_create", "get_or_create"}
    found = [
        f"{name(path)}:{node.lineno} .{node.func.attr}()"
        for path in product_python()
        if any(f"/{layer}/" in name(path) for layer in ("views", "api", "queries", "domain"))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in writes
    ]
    assert found == []


def test_no_link_is_part_of_the_project() -> None:
    """Checked out, a link to one machine's folder takes the place of what is there."""
    listing = subprocess.run(
        ["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert [line for line in listing.stdout.splitlines() if line.startswith("120000")] == []
