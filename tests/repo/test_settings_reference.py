"""Every environment variable that the product reads stands in docs/reference/settings.md, and no other."""

import ast
import re

from tests.repo.source import ROOT, name, product_python, tree

REFERENCE = ROOT / "docs" / "reference" / "settings.md"
READERS = {"get", "getenv", "flag", "words", "seconds"}
# The system's own, and what the host hands to the guest inside the sandbox.
NOT_OURS = {"PATH", "PYTHONPATH", "HOME", "GIT_DIR"}
GUEST = "debugger/runner/guest/"


def read_by_the_product() -> set[str]:
    found = set()
    for path in product_python():
        if name(path).startswith(GUEST):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and is_reader(node.func) and node.args:
                found.add(constant(node.args[0]))
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                found.add(constant(node.slice))
    return {word for word in found if re.fullmatch(r"[A-Z][A-Z_]{2,}", word)} - NOT_OURS


def is_reader(function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute) or function.attr not in READERS:
        return False
    return ast.unparse(function.value) in {"os.environ", "os", "environment"}


def constant(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def test_the_reference_names_what_is_read() -> None:
    described = set(re.findall(r"^\| `([A-Z_]+)`", REFERENCE.read_text(encoding="utf-8"), re.M))
    assert read_by_the_product() - described == set()
    assert described - read_by_the_product() == set()
