"""Markdown and HTML, parsed by other libraries: complete, and text of others is escaped."""

import base64
import io
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from markdown_it import MarkdownIt
from PIL import Image

from tests.report.by_hand import PROMPT, all_checks, written
from xray import NOTICE
from xray.evidence import CHECKS
from xray.render.overlay import Drawing, draw
from xray.report.contents import check_rows
from xray.report.html import _checks, html
from xray.report.markdown import markdown, plain
from xray.report.types import Report, Sentence
from xray.types import Case, Check
from xray.types.answer import percent, percent_range

HOSTILE = (
    PROMPT,
    "<img src=x onerror=alert(1)>",
    "[link](javascript:alert(1)) ![p](http://e.vil/x.png) <http://e.vil> https://e.vil www.e.vil a@e.vil",
    "`code` **bold** _i_ ~~gone~~ | cell | # head",
    "1. one",
    "- one",
    "> told",
    '"><script>alert(1)</script>',
    "</title></style><script>alert(1)</script>",
    "&lt;b&gt; &amp; [1]: http://e.vil :material/home: $x$",
)


class Page(HTMLParser):
    """What a browser would see: tags with their attributes, and text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.parts: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th", "dd", "dt", "p", "li", "sup"):
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())


def hostile(case: Case) -> tuple[Case, Report]:
    """Every text of others contains markup that must be escaped."""
    case = replace(case, radiograph=replace(case.radiograph, name=HOSTILE[8] + ".png", notes=HOSTILE))
    report = written(case, narrator=HOSTILE[1], problem=HOSTILE[2])
    facts = tuple(replace(report.facts[0], number=n, text=text) for n, text in enumerate(HOSTILE, 1))
    sentences = tuple(Sentence(text, "findings", (1,), (text,)) for text in HOSTILE)
    return case, replace(report, facts=facts, sentences=sentences)


def read(text: str) -> Page:
    """Markdown as a strict reader with GitHub's tables and links shows it."""
    return Page(MarkdownIt("gfm-like", {"linkify": False}).render(text))


@pytest.mark.parametrize("made", [html, markdown])
def test_everything_measured_is_in_it(many_findings, made):
    page = Page(html(many_findings, written(many_findings), all_checks()))
    if made is markdown:
        page = read(markdown(many_findings, written(many_findings), all_checks()))
    told, said, report = page.text, many_findings.prediction, written(many_findings)
    for index, finding in enumerate(said.findings):
        low, high = said.intervals[index]
        probability, threshold = said.probabilities[index], said.thresholds[index]
        values = f"{percent(probability)} {percent_range(low, high)} {threshold:.1%}"
        assert f"{finding} {values} {said.answer(finding)}" in told
        assert told.count(report.facts[index].text) == 2  # as a sentence and as a fact
    for name, question in CHECKS.items():
        assert question.question in told
        assert f"Why {name} & so." in told
    for part in (
        NOTICE,
        PROMPT,
        said.weights_sha256,
        many_findings.radiograph.sha256,
        *report.flagged[0].flags,
    ):
        assert part in told


def test_pictures_are_in_the_file_pixel_for_pixel(many_findings):
    page = Page(html(many_findings, written(many_findings)))
    sources = [attributes["src"] for tag, attributes in page.tags if tag == "img"]
    film, overlay, _bar = (
        np.asarray(Image.open(io.BytesIO(base64.b64decode(one.removeprefix("data:image/png;base64,")))))
        for one in sources
    )
    assert np.array_equal(film[..., 0], np.rint(many_findings.radiograph.pixels * 255).astype(np.uint8))
    assert np.array_equal(overlay, draw(many_findings, many_findings.answer.finding, Drawing()))


def test_every_bar_is_as_wide_as_its_probability(many_findings):
    page = Page(html(many_findings, written(many_findings)))
    widths = [
        float(re.search(r"width:([\d.]+)%", attributes["style"]).group(1)) / 100
        for tag, attributes in page.tags
        if tag == "span" and attributes.get("class") == "fill"
    ]
    assert widths == pytest.approx(many_findings.prediction.probabilities, abs=1e-4)


def test_a_citation_leads_to_its_fact(many_findings):
    page = Page(html(many_findings, written(many_findings)))
    targets = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert len(links) == len(many_findings.prediction.findings) + 1
    assert {link.removeprefix("#") for link in links} <= targets


def test_text_of_others_is_escaped_in_html(many_findings):
    case, report = hostile(many_findings)
    page = Page(html(case, report))
    kinds = {tag for tag, _ in page.tags}
    assert not kinds & {"script", "iframe", "link", "object", "form"}
    assert all(not name.startswith("on") for _, attributes in page.tags for name in attributes)
    addresses = [value for _, one in page.tags for name, value in one.items() if name in ("src", "href")]
    assert all(one.startswith(("#", "data:image/png;base64,")) for one in addresses)
    assert [tag for tag, _ in page.tags].count("style") == 1
    policy = next(one["content"] for tag, one in page.tags if "http-equiv" in one)
    assert policy.startswith("default-src 'none'")
    for text in HOSTILE:
        assert " ".join(text.split()) in page.text


def test_text_of_others_is_escaped_in_markdown(many_findings):
    case, report = hostile(many_findings)
    page = read(markdown(case, report))
    plain = read(markdown(many_findings, replace(report, sentences=(), facts=(), prompt="", problem="")))
    assert not {tag for tag, _ in page.tags} & {"a", "img", "script", "code", "s", "del"}
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags} | {"blockquote", "ol", "li"}
    for text in HOSTILE:
        assert " ".join(text.split()) in page.text


def test_a_check_has_the_names_of_the_page():
    check = Check("shortcut", 0.1, math.nan, math.nan, "passed", "why.", 0.1)
    (row,) = check_rows([check])
    assert row[:2] == ("Shortcut: Does the model use something outside the body?", "✓ none found")
    assert '<td class="passed">✓ none found' in _checks([check])


@pytest.mark.parametrize("text", ["3.3% (1.2% to 4.0%)", "12.5 mm", "-0.31", "+1.2"])
def test_a_value_is_not_escaped_and_is_no_list(text):
    assert plain(text) == text
    assert MarkdownIt().render(text) == f"<p>{text}</p>\n"


@pytest.mark.parametrize("text", ["1. one", "12) one", "3.", "- one", "+ one", "-", "---", "="])
def test_a_marker_of_a_list_or_heading_is_text(text):
    assert MarkdownIt().render(f"above\n\n{plain(text)}") == f"<p>above</p>\n<p>{text}</p>\n"
    assert "<h" not in MarkdownIt().render(f"above\n{plain(text)}")
