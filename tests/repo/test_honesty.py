"""The product is not built around its demo: it knows none of the seeded regressions."""

import re

from examples.shop_history import regressions
from tests.repo.source import name, product_python, tracked

# The demo stands around the product and tells of one pull request by number.
DEMO = "mender_handoff/demo/"


def words_of_the_demo() -> set[str]:
    words = set()
    for regression in regressions():
        words |= {str(regression.number), regression.branch, regression.name, regression.title}
    return words


def test_the_product_knows_no_seeded_regression() -> None:
    words = "|".join(re.escape(word) for word in sorted(words_of_the_demo(), key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")
    files = [*product_python(), *tracked(".html"), *tracked(".js"), *tracked(".css")]
    shipped = ("trace_app/", "debugger/", "mender_handoff/", "templates/", "static/")
    found = {
        name(path): sorted(set(pattern.findall(path.read_text(encoding="utf-8"))))
        for path in files
        if name(path).startswith(shipped)
        and not name(path).startswith((DEMO, "static/vendor/"))
        and pattern.search(path.read_text(encoding="utf-8"))
    }
    assert found == {}
