"""The differences of two traces page by page, in the order of the run."""

from itertools import pairwise

from trace_app.domain.diff import StepView
from trace_app.domain.diff.align import StepPair
from trace_app.domain.diff.listing import PAGE, listed, page_of
from trace_app.domain.diff.model import Dimension, Row, TraceDiff
from trace_app.domain.diff.timeline import BINS, Times, firsts, marks

STEPS = 60


def row(step: int, key: str, *, seq: int, minor: bool = False) -> Row:
    return Row("changed", key, "1", "2", step, step, seq, seq, minor=minor)


def found(**dimensions: list[Row]) -> TraceDiff:
    made = {}
    for name, rows in dimensions.items():
        first = next((at for at, one in enumerate(rows) if not one.minor), None)
        made[name] = Dimension(name, tuple(rows), first, True, True)
    return TraceDiff("a", "b", "", made, ())


def pairs(*numbers: tuple[int | None, int | None]) -> tuple[StepPair, ...]:
    def step(no: int | None) -> StepView | None:
        return None if no is None else StepView(no, f"step {no}", "passed")

    return tuple(StepPair(step(a), step(b)) for a, b in numbers)


def many() -> TraceDiff:
    network = [row(no, f"GET /{no}/{i}", seq=100 * no + i) for no in range(1, 61) for i in range(9)]
    return found(network=network, console=[row(no, "said", seq=100 * no) for no in range(40, 61)])


SAME = pairs(*((no, no) for no in range(1, STEPS + 1)))


def clock(count: int) -> Times:
    """Events whose number is their time."""
    return {no: float(no) for no in range(count)}


def test_pages_follow_the_run_and_leave_no_difference_out() -> None:
    items = listed(many(), SAME)
    pages = [page_of(items, number) for number in (1, 2)]
    assert [len(page.items) for page in pages] == [PAGE, 9 * STEPS + 21 - PAGE]
    assert [one for page in pages for one in page.items] == list(items)
    steps = [one.row.step_b or 0 for one in items]
    assert steps == sorted(steps)
    assert {one.dimension for one in items if one.row.step_b == 50} == {"network", "console"}


def test_a_page_that_is_not_there_is_the_nearest() -> None:
    items = listed(many(), SAME)
    assert page_of(items, 99).number == page_of(items, 99).pages == 2
    assert page_of(items, 0).number == 1
    assert page_of((), None).items == ()


def test_it_opens_where_the_runs_first_part() -> None:
    minor = [row(1, f"/logo{i}.png", seq=i + 1, minor=True) for i in range(PAGE + 5)]
    items = listed(found(network=[*minor, row(2, "POST /pay", seq=9000)]), SAME)
    assert page_of(items, None).number == 2
    assert page_of(listed(many(), SAME), None).number == 1


def test_the_same_again_in_a_step_is_one_with_every_place_marked() -> None:
    again = [row(3, "GET /poll", seq=seq) for seq in range(1, 31)]
    [one] = listed(found(network=again), SAME)
    assert len(one.rows) == 30
    left = clock(40)
    [mark] = marks([one], left, {})
    assert mark.first
    assert (mark.seq_a, mark.ts_a, mark.ts_b) == (1, 1.0, None)
    assert mark.again == tuple((seq, seq, float(seq), None) for seq in range(2, 31))


def test_of_very_many_places_each_bin_of_each_lane_has_one() -> None:
    count = 50_000
    polls = [row(3, "GET /poll", seq=2 * seq) for seq in range(1, count)]
    said = [row(3, "polled", seq=2 * seq + 1) for seq in range(1, count)]
    items = listed(found(network=polls, console=said), SAME)
    times = clock(2 * count)
    drawn = {mark.lane: mark for mark in marks(items, times, times)}
    longest = 2 * count - 1
    for lane in ("network", "console"):
        marked = [drawn[lane].ts_a or 0, *(place[2] or 0 for place in drawn[lane].again)]
        assert len(marked) == BINS
        assert marked == sorted(marked)
        assert max(b - a for a, b in pairwise(marked)) <= 2 * longest / BINS
        assert marked[-1] > longest * (1 - 2 / BINS), "to the end"


def test_a_first_divergence_is_not_marked_twice_for_its_places() -> None:
    again = [row(3, "GET /poll", seq=seq) for seq in range(1, 4)]
    made = found(network=again)
    times = clock(9)
    assert firsts(made, times, times) == marks(listed(made, SAME), times, times)


def test_steps_of_one_run_alone_stand_where_they_ran() -> None:
    rows = [row(2, "late", seq=5), Row("removed", "gone", "x", None, step_a=2, seq_a=3)]
    items = listed(found(console=rows), pairs((1, 1), (2, None), (3, 2)))
    assert [one.row.key for one in items] == ["gone", "late"]


def test_every_first_divergence_is_told_on_every_page() -> None:
    assert {mark.dimension for mark in firsts(many(), {}, {})} == {"network", "console"}
