"""The sizes that keep every part readable in one sitting."""

import ast
from pathlib import Path

from tests.repo.source import ROOT, functions, name, product_python, python, tracked, tree

FILE, FILE_HARD = 300, 400
FUNCTION, FUNCTION_HARD = 30, 50
VIEW = 25
TEMPLATE, TEMPLATE_HARD = 120, 200
# What may pass the soft budget must be few: everything else is split.
SHARE_ABOVE_SOFT = 0.02


def lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def over(sizes: dict[str, int], limit: int) -> dict[str, int]:
    return {place: size for place, size in sizes.items() if size > limit}


def function_sizes(paths: list[Path]) -> dict[str, int]:
    return {
        f"{name(path)}:{node.lineno} {node.name}": size
        for path in paths
        for node, size in functions(path)
    }


def assert_within(sizes: dict[str, int], soft: int, hard: int) -> None:
    assert over(sizes, hard) == {}
    above = over(sizes, soft)
    assert len(above) <= len(sizes) * SHARE_ABOVE_SOFT, above


def test_python_files() -> None:
    sizes = {name(path): lines(path) for path in python()}
    assert_within(sizes, FILE, FILE_HARD)


def test_scripts_of_the_browser() -> None:
    ours = [path for path in tracked(".js") if "vendor" not in name(path)]
    assert_within({name(path): lines(path) for path in ours}, FILE, FILE_HARD)


def test_functions() -> None:
    assert_within(function_sizes(python()), FUNCTION, FUNCTION_HARD)


def test_views() -> None:
    views = [path for path in product_python() if "/views/" in name(path)]
    assert over(function_sizes(views), VIEW) == {}


def test_templates() -> None:
    ours = [path for path in tracked(".html") if name(path).startswith("templates/")]
    assert_within({name(path): lines(path) for path in ours}, TEMPLATE, TEMPLATE_HARD)


def test_no_import_inside_a_function_but_ready() -> None:
    found = [
        f"{name(path)}:{inner.lineno}"
        for path in python()
        for node, _ in functions(path)
        if node.name != "ready"
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [name(path) for path in product_python() if tree(path).body and not docstring(path)]
    assert silent == []


def docstring(path: Path) -> str | None:
    return ast.get_docstring(tree(path))


def test_no_drawer_for_leftovers() -> None:
    drawers = {"utils.py", "helpers.py", "misc.py", "common.py", "signals.py"}
    assert [name(path) for path in python() if path.name in drawers] == []


def test_no_file_is_too_big_for_git() -> None:
    big = {name(path): path.stat().st_size for path in tracked("") if path.stat().st_size > 2**20}
    assert {
        place: size for place, size in big.items() if not place.startswith("static/vendor/")
    } == {}
    assert ROOT.is_dir()
