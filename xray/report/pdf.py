"""A Case and its report as a PDF of one or two A4 pages, set like the supplement of a journal."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import partial
from textwrap import shorten
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    KeepTogether,
    NextPageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from xray import NOTICE, __version__
from xray.explain import METHODS
from xray.render.boxes import draw_boxes
from xray.render.overlay import scale_of
from xray.report import contents
from xray.report.figures import RULE, Bars, Panels, fitted
from xray.report.fonts import BOLD, LABEL, literal, plain, register_fonts
from xray.report.pdf_layout import (
    BODY,
    CAPTION,
    COLUMN,
    FACT,
    FIGURE,
    FLAG,
    FLAGGED,
    HEAD,
    HEIGHT,
    PLAIN,
    RULED,
    SIGN,
    SMALL,
    TITLE,
    UNDER,
    WARNED,
    WARNING,
    WIDTH,
    Numbered,
    pages,
)
from xray.report.types import Report, Sentence
from xray.types import Case, Check

LONGEST = 600  # characters of a question; Markdown and HTML hold all of it
SIGNS = {"✓": "#1E7B4A", "✗": FLAG, "?": "#5C6470"}


def pdf(case: Case, report: Report, checks: Iterable[Check] = (), finding: str | None = None) -> bytes:
    """Film, overlay, bars, boxes, text, trust card, facts of model and film, hashes: the same input gives the
    same bytes.

    checks: of the map of the finding that is drawn, by default the most likely one. Raises InvalidRequest for
    one without a map, ModelUnavailable for a model that is no longer in the registry.
    """
    register_fonts()
    finding = contents.shown_finding(case, finding)
    buffer = io.BytesIO()
    document = BaseDocTemplate(
        buffer,
        pagesize=A4,
        title=f"{case.radiograph.name}: {case.prediction.model_id}",
        author=f"xray {__version__}",
        subject=NOTICE,
        invariant=1,
        lang="en",
    )
    top = Table([[[*_opening(case, report), *_figure(case, finding)]]], [WIDTH], style=PLAIN)
    document.addPageTemplates(pages(top.wrap(WIDTH, HEIGHT)[1]))
    running = fitted(plain(case.radiograph.name), LABEL, 6.5, 0.5 * WIDTH)
    story = [NextPageTemplate("columns"), top, *_columns(case, report, list(checks), finding)]
    document.build(story, canvasmaker=partial(Numbered, running))
    return buffer.getvalue()


def _columns(case: Case, report: Report, checks: list[Check], finding: str) -> Iterable[Flowable]:
    """What flows through the columns, page after page."""
    told = (
        "Calibrated probability of each finding. Line: operating point. Whisker: where the probability stays "
        "when the film is taken again a little differently."
    )
    yield KeepTogether([Bars(case.prediction), _caption(2, told)])
    yield from _text(report)
    if checks and case.explanations:
        yield from _trust(checks, case, finding)
    yield from _pairs("Film", contents.film_facts(case))
    yield from _pairs("Model", contents.model_facts(case, finding))
    yield from _facts(report)
    yield Spacer(1, 2 * mm)
    yield Paragraph(f"<i>{literal(contents.disclaimer())}</i>", SMALL)


def _opening(case: Case, report: Report) -> list[Flowable]:
    opening: list[Flowable] = [
        Paragraph(literal(case.radiograph.name), TITLE),
        Paragraph(literal(shorten(contents.written_by(case, report), LONGEST, placeholder=" …")), UNDER),
    ]
    if told := contents.warnings(case, report):
        lines = [[Paragraph(literal(one), WARNING)] for one in told]
        opening += [Table(lines, [WIDTH], style=WARNED), Spacer(1, 2 * mm)]
    return opening


def _figure(case: Case, finding: str) -> list[Flowable]:
    panels = [(contents.film_picture(case), "the film.")]
    found = contents.boxes(case)
    if found is not None:
        panels.append((draw_boxes(case.radiograph.pixels, found), contents.boxes_caption(found)))
    scale = 0.0
    if case.explanations:
        panels.append((contents.overlay_picture(case, finding), contents.map_caption(case, finding)))
        scale = scale_of(case, finding)
    told = " ".join(f"{letter}, {said}" for letter, (_, said) in zip("abc", panels, strict=False))
    pictures = [picture for picture, _ in panels]
    return [Panels(pictures, contents.color_bar(), scale or None), _caption(1, told)]


def _text(report: Report) -> Iterable[Flowable]:
    for title, sentences in contents.by_section(report):
        yield CondPageBreak(16 * mm)
        yield _head(title)
        yield Paragraph(" ".join(_sentence(*one) for one in sentences), BODY)
        for _, flags in sentences:
            for letter, flag in flags:
                yield Paragraph(f"<super>{letter}</super> {literal(flag)}", FLAGGED)


def _sentence(sentence: Sentence, flags: Sequence[contents.Flag]) -> str:
    marks = ",".join([*map(str, sentence.cites), *(letter for letter, _ in flags)])
    raised = f'<super size="6" rise="3.2">{marks}</super>' if marks else ""
    text = literal(sentence.text)
    return f'<font color="{FLAG}"><u>{text}</u>{raised}</font>' if flags else text + raised


def _trust(checks: list[Check], case: Case, finding: str) -> Iterable[Flowable]:
    """A ruled table, two rows a check: sign, question, values of map, random maps, centered Gaussian; why."""
    judged = [one for one in checks if one.verdict != "cannot be judged"]
    passed = sum(one.verdict == "passed" for one in judged)
    made = f"{METHODS[case.explanation(finding).method].title} of {finding}"
    told = f"<b>{literal(made)}.</b> {passed} of {len(judged)} passed, {len(checks) - len(judged)} not judged"
    sign, figure = partial(Paragraph, style=SIGN), partial(Paragraph, style=FIGURE)
    cells: list[list[Paragraph | str]] = [
        ["", Paragraph(told, SMALL), *(figure(name) for name in contents.VERDICTS[2:5])]
    ]
    style = [*RULED]
    for question, verdict, *values, why in contents.verdicts(checks):
        mark, said = verdict[0], f"<i>{literal(verdict[2:].capitalize())}.</i> {literal(why)}"
        question = Paragraph(f"<b>{literal(question)}</b>", SMALL)
        cells.append([sign(f'<font color="{SIGNS[mark]}">{mark}</font>'), question, *map(figure, values)])
        cells.append(["", Paragraph(said, SMALL), "", "", ""])
        last = len(cells) - 1
        style += [("SPAN", (1, last), (-1, last)), ("NOSPLIT", (0, last - 1), (-1, last))]
        style += [
            ("BOTTOMPADDING", (0, last - 1), (-1, last - 1), 0),
            ("TOPPADDING", (0, last), (-1, last), 0),
        ]
        style.append(("LINEBELOW", (0, last), (-1, last), 0.25, RULE))
    yield _head("Can the map be believed?")
    yield Table(cells, (4.5 * mm, COLUMN - 36.5 * mm, 9 * mm, 11 * mm, 12 * mm), style=style, repeatRows=1)


def _facts(report: Report) -> Iterable[Flowable]:
    """What sentences stand on, as far as they do not say it word for word."""
    repeated = {(one.cites, one.text) for one in report.sentences if not one.flags}
    if report.facts:
        yield CondPageBreak(16 * mm)
        yield _head("Measured facts")
        told = "Raised numbers are facts. Those that a sentence repeats word for word are not listed."
        yield Paragraph(told, SMALL)
    for one in report.facts:
        if ((one.number,), one.text) not in repeated:
            yield Paragraph(literal(one.text), FACT, f"{one.number}")


def _pairs(title: str, rows: Iterable[contents.Row]) -> Iterable[Flowable]:
    told = [Paragraph(f"<b>{literal(name)}.</b> {literal(value)}", SMALL) for name, value in rows]
    yield KeepTogether([_head(title), told[0]])
    yield from told[1:]


def _head(text: str) -> Paragraph:
    return Paragraph(escape(plain(text)), HEAD)


def _caption(number: int, text: str) -> Paragraph:
    return Paragraph(f'<font name="{BOLD}" size="6.6">Figure {number}</font>&nbsp; {literal(text)}', CAPTION)
