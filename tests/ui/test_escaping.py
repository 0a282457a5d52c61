"""Text from outside in Markdown and in charts."""

import re
from html import unescape

import pytest
from markdown_it import MarkdownIt

from xray.ui.common.escaping import JOINER, chart_text, literal

# emoji, icons and links that remark-emoji, Streamlit and remark-gfm find in text after unescaping
FOUND_LATER = r":\+1:|:[\w-]+:|:material/\w+:|https?://\w|www\.\w|[\w.+-]@\w+\.\w"
HOSTILE = (
    "[x](javascript:alert(1))",
    "![x](http://a.b/c.png)",
    "<script>x</script> <b>y</b>",
    "$a$ and $$b$$",
    ":smile: :+1: :material/home: :red[x] :streamlit:",
    "`x` ```y```",
    "**a** _b_ ~c~",
    "# head",
    "1. one",
    "- item",
    "    code",
    "a\n\n    b\n\n# c",
    "a\r\n- b",
    "| a | b |",
    "http://a.b and www.a.b and x@a.b",
    "&lt;b&gt; &#36;",
    "%{x} <br> <extra>",
    "\u202etxt.exe\u2066",
)
DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    return " ".join(DIRECTION.sub("", text).split())


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_text_as_it_is(text):
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(literal(text))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {child.type for child in tokens[1].children} <= {"text", "text_special"}
    shown = "".join(child.content for child in tokens[1].children)
    assert shown.replace(JOINER, "") == plain(text)
    assert not re.search(FOUND_LATER, shown)
    assert not re.search(r":\w+\[", literal(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_chart_shows_text_as_it_is(text):
    """Plotly searches for tags, formulas and placeholders before it decodes entities."""
    escaped = chart_text(text)
    assert unescape(escaped) == plain(text)
    assert not re.search(r"[<>$]|%\{|&(?!amp;|lt;|gt;|#36;|#123;)", escaped)


def test_times_and_ratios_stay_as_they_are():
    assert literal("10:30").replace("\\", "") == "10:30"
