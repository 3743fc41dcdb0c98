"""The quick look at whole lines: what it passes over holds nothing that a close look would mask."""

from hypothesis import given, settings
from hypothesis import strategies as st

from trace_app.domain.events import Event
from trace_app.domain.lines import Lines
from trace_app.domain.redaction import Redactor, learn_lines, mask_lines

fragments = st.sampled_from(
    [
        *("\n", "\r\n", "\t", "\x01", '"', "\\", " ", "=", ": ", "&", "?", "/", "_", "-", "é", ";"),
        *(
            "password",
            "Cookie",
            "set-cookie",
            "X-Api-Key",
            "token",
            "authorization",
            "_csrf__token",
        ),
        *("Bearer ", "abcdefgh12345678", "sid=abcdefgh12345678", "4242424242424242", "hunter22x"),
        *("sk_live_abcdefgh12345678", "hf_abcdefghij0123456789abcdefghij01", "http://u:pw123456@h"),
    ]
)
texts = st.lists(fragments, max_size=6).map("".join)
datas = st.dictionaries(
    texts | st.sampled_from(["text", "name", "value", "_password_", "httpOnly", "target"]),
    texts | st.lists(texts, max_size=3) | st.integers(0, 10**17),
    max_size=4,
)


@given(datas)
@settings(max_examples=600, deadline=None)
def test_a_line_that_the_screen_passes_holds_nothing_to_mask(data: dict[str, object]) -> None:
    event = Event(seq=1, ts=0, kind="console.message", data=data)
    looked_at = Redactor()
    looked_at.learn(data)
    by_line, piece = Redactor(), Lines.of([event])
    [masked] = mask_lines(by_line, [piece], learn_lines(by_line, [piece]))
    assert masked.events() == [looked_at.mask_event(event)]
