"""JSON trees as HTML: structure, escaping, bounds."""

from trace_app.templatetags.trace_ui import MAX_NODES, code_spans, json_tree, member, pairs


def test_values_are_escaped_everywhere() -> None:
    html = json_tree({"<b>": "<script>", "n": [1, True, None]})
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "&lt;b&gt;" in html
    assert '<span class="num">1</span>' in html
    assert '<span class="lit">null</span>' in html


def test_a_changed_member_is_marked_and_its_ancestors_are_open() -> None:
    html = json_tree({"a": {"b": {"c": [{"d": 1}], "e": 2}}}, {"a.b.c[0].d"})
    assert '<li class="changed"><span class="key">d</span>' in html
    assert html.count("<details open>") == 4


def test_a_huge_value_is_cut() -> None:
    html = json_tree(list(range(MAX_NODES + 50)))
    assert "more than this page shows" in html
    assert html.count("<li") == MAX_NODES + 1


def test_tags_are_balanced_for_empty_and_nested_values() -> None:
    html = json_tree({"a": {}, "b": [], "c": {"d": [[1]]}, "e": "x"})
    for tag in ("ul", "li", "details", "summary"):
        assert html.count(f"<{tag}") == html.count(f"</{tag}>"), tag


def test_a_string_is_written_as_json_writes_it() -> None:
    assert '<span class="str">&quot;{\\&quot;count\\&quot;:2} é&quot;</span>' in json_tree(
        {"cart": '{"count":2} é'}
    )


def test_headers_come_as_mapping_or_pairs() -> None:
    assert pairs({"a": 1}) == [("a", "1")]
    assert pairs([["a", "b"], ["odd"], None]) == [("a", "b")]
    assert pairs("x") == []
    assert member({"$member": "resources/x"}) == "resources/x"
    assert member("text") == ""


def test_code_spans_are_elements_and_what_they_hold_is_data() -> None:
    html = code_spans("navigate `/<b>&` then <i>")
    assert html == "navigate <code>/&lt;b&gt;&amp;</code> then &lt;i&gt;"
    assert code_spans(None) == ""
