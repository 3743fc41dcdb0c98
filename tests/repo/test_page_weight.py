"""What a first visit to the trace page fetches as script stays small; what is needed later comes later."""

import gzip
from pathlib import Path
from typing import Final

from django.contrib.staticfiles import finders

from trace_app.templatetags.modules import module_graph

MOST_BYTES: Final = 60_000
ENTRIES: Final = ("trace_app/opening.js", "trace_app/trace.js", "trace_app/page.js")
HTMX: Final = "django_htmx/htmx-2.min.js"


def fetched() -> set[str]:
    """The modules that every visit loads."""
    return {name for entry in ENTRIES for name in module_graph(entry)}


def test_the_script_of_a_first_visit_is_at_most_60_kilobytes() -> None:
    sources = [Path(str(finders.find(name))) for name in (*fetched(), HTMX)]
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 6)) for path in sources}
    assert sum(sizes.values()) <= MOST_BYTES, sorted(sizes.items(), key=lambda one: -one[1])


def test_what_few_visits_need_is_not_part_of_it() -> None:
    later = {"close-up", "element-picker", "event-windows", "virtual-events", "live", "code-editor"}
    assert not {Path(name).stem for name in fetched()} & later
    assert not [name for name in fetched() if name.startswith("debugger/")]
