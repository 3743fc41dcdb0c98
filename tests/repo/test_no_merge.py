"""A person merges, always: the product holds no code that could, and no right that would allow it."""

import ast
import re

from django.urls import URLPattern, URLResolver, get_resolver

from tests.repo.source import name, product_python, tracked, tree

# Words of git's and GitHub's own interfaces that move a branch to other people's commits.
GIT_COMMANDS = {
    "merge", "rebase", "cherry-pick", "update-branch", "pull", "merge-queue", "receive-pack", "am",
}  # fmt: skip
HARMLESS_FUNCTION_WORDS = re.compile(r"merge_?base|merged|unmerged|emerge")
# How our own recorder joins two lanes of events into one record: nothing of git.
RECORDER = "debugger/runner/merge.py"
REMOTE_MERGE = re.compile(
    r"/merges?\b|/merge-upstream|/update-branch|mergePullRequest|enablePullRequestAutoMerge"
    r"|enqueuePullRequest|auto[_-]merge|create_merge\b|\.merge\(",
    re.IGNORECASE,
)


def strings(node: ast.AST) -> list[str]:
    return [
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


def docstrings(tree_: ast.Module) -> set[str]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        ast.get_docstring(node, clean=False) or ""
        for node in ast.walk(tree_)
        if isinstance(node, documented)
    }


def test_no_function_or_class_merges() -> None:
    found = []
    for path in product_python():
        if name(path) == RECORDER:
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                word = HARMLESS_FUNCTION_WORDS.sub("", node.name.lower())
                if "merge" in word and not name(path).startswith("trace_app/domain/"):
                    found.append(f"{name(path)}:{node.lineno} {node.name}")
    assert found == []


def test_no_git_command_that_moves_a_branch_to_other_commits() -> None:
    found = []
    for path in product_python():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call | ast.List | ast.Tuple):
                words = node.args if isinstance(node, ast.Call) else node.elts
                found += [
                    f"{name(path)}:{word.lineno} {word.value!r}"
                    for word in words[:3]
                    if isinstance(word, ast.Constant)
                    and word.value in GIT_COMMANDS
                    and speaks_git(node, path.read_text(encoding="utf-8"))
                ]
    assert found == []


def speaks_git(node: ast.AST, source: str) -> bool:
    text = ast.get_source_segment(source, node) or ""
    return bool(re.search(r"\bgit\b|_git\(|\.run\(|_run\(", text))


def test_no_remote_call_that_merges() -> None:
    found = []
    for path in product_python():
        known = docstrings(tree(path))
        found += [
            f"{name(path)}: {text[:80]!r}"
            for text in strings(tree(path))
            if text not in known and REMOTE_MERGE.search(text)
        ]
        found += [
            f"{name(path)}:{node.lineno} .{node.func.attr}()"
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"merge", "merge_pull", "enable_automerge", "update_branch"}
            # Sorted streams, not branches.
            and getattr(node.func.value, "id", "") != "heapq"
        ]
    assert found == []


def test_only_the_demo_names_the_command_and_only_for_the_person_to_type() -> None:
    command = re.compile(r"\bgit\s+(?:-\S+\s+)*merge\b(?!-base)")
    found = {
        name(path)
        for path in product_python()
        for text in set(strings(tree(path))) - docstrings(tree(path))
        if command.search(text)
    }
    assert found == {"mender_handoff/demo/story.py"}


def test_no_address_that_merges() -> None:
    def addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> list[str]:
        found = []
        for pattern in patterns:
            here = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                found += addresses(pattern.url_patterns, here)
            else:
                found.append(f"{here} {pattern.name}")
        return found

    assert [place for place in addresses(get_resolver().url_patterns) if "merge" in place] == []


def test_no_page_offers_to_merge() -> None:
    button = re.compile(
        r"<(?:button|a|input|form)\b[^>]*>[^<]*\bmerge\b(?! base)", re.IGNORECASE | re.DOTALL
    )
    found = [
        f"{name(path)}: {match.group()[:80]}"
        for path in tracked(".html")
        if name(path).startswith("templates/")
        for match in button.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
