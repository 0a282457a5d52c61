"""The report of a Case as a PDF of one or two A4 pages in the layout of a journal supplement."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from textwrap import shorten
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
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
from xray.explain import method_of
from xray.render.overlay import scale_of
from xray.report import contents
from xray.report.pdf.figures import RULE, Bars, Panels, fitted
from xray.report.pdf.fonts import BOLD, LABEL, literal, plain, register_fonts
from xray.report.pdf.layout import (
    BODY,
    CAPTION,
    COLUMN,
    FACT,
    FIGURE,
    FLAG,
    FLAGGED,
    GUTTER,
    HEAD,
    HEIGHT,
    LEAD,
    PLAIN,
    RULED,
    SIGN,
    SMALL,
    SUMMARY,
    TITLE,
    UNDER,
    WARNED,
    WARNING,
    WIDTH,
    Numbered,
    pages,
)
from xray.report.pictures import color_bar, panels
from xray.report.types import Report, Section, Sentence
from xray.types import Case, Check

SUMMARY_SECTION: Section = "summary"
FEW = 6  # findings whose bars fit beside the pictures
MAX_BYLINE = 600  # characters; Markdown and HTML contain the whole prompt
SIGNS = {"✓": "#1E7B4A", "✗": FLAG, "?": "#5C6470"}


def pdf(case: Case, report: Report, checks: Iterable[Check] = (), finding: str | None = None) -> bytes:
    """Write a report as PDF: pictures, probabilities, text, checks, facts about film and model, hashes.

    Equal input gives equal bytes.

    Args:
        case: The Case.
        report: Its report.
        checks: Checks of the map that is shown.
        finding: Finding whose map is shown; by default that of the answer.

    Returns:
        Contents of the PDF file.

    Raises:
        InvalidRequest: If the finding has no map.
        ModelUnavailable: If the model is not in the registry.
    """
    register_fonts()
    finding, checks = contents.shown_finding(case, finding), contents.reported_checks(report, checks)
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
    top = Table([[[*_opening(case, report), _first(case, report, finding)]]], [WIDTH], style=PLAIN)
    document.addPageTemplates(pages(top.wrap(WIDTH, HEIGHT)[1]))
    running = plain(fitted(case.radiograph.name, LABEL, 6.5, 0.5 * WIDTH))
    story = [NextPageTemplate("columns"), top, *_columns(case, report, checks, finding)]
    document.build(story, canvasmaker=partial(Numbered, running))
    return buffer.getvalue()


def _columns(case: Case, report: Report, checks: list[Check], finding: str) -> Iterable[Flowable]:
    """Contents of the columns, in order."""
    if not (_are_few(case) and report.section(SUMMARY_SECTION)):
        yield KeepTogether(_bars(case))
    yield from _text(report, [name for name in contents.SECTIONS if name != SUMMARY_SECTION])
    if checks and case.explanations:
        yield from _checks(checks, case, finding)
    yield from _pairs("Film", contents.film_rows(case))
    yield from _pairs("Model", contents.model_rows(case, finding))
    yield from _facts(report)
    yield Spacer(1, 2 * mm)
    yield Paragraph(f"<i>{literal(contents.DISCLAIMER)}</i>", SMALL)


def _are_few(case: Case) -> bool:
    return len(case.prediction.findings) <= FEW


def _bars(case: Case) -> list[Flowable]:
    caption = (
        "Calibrated probability of each finding. Line: operating point. Whisker: range of the probability "
        "under small changes of the film."
    )
    return [Bars(case.prediction), _caption(2, caption)]


def _opening(case: Case, report: Report) -> list[Flowable]:
    opening: list[Flowable] = [
        Paragraph(literal(case.radiograph.name), TITLE),
        Paragraph(literal(shorten(contents.byline(case, report), MAX_BYLINE, placeholder=" …")), UNDER),
    ]
    if warnings := contents.warnings(case, report):
        lines = [[Paragraph(literal(warning), WARNING)] for warning in warnings]
        opening += [Table(lines, [WIDTH], style=WARNED), Spacer(1, 2 * mm)]
    return opening


def _first(case: Case, report: Report, finding: str) -> Flowable:
    """The pictures with the summary and, of few findings, the probabilities beside them."""
    summary = [*_text(report, [SUMMARY_SECTION], LEAD)]
    if summary and _are_few(case):
        summary += [Spacer(1, 3 * mm), *_bars(case)]
    widths = (WIDTH - SUMMARY - GUTTER, GUTTER, SUMMARY) if summary else (WIDTH, 0, 0)
    return Table([[_figure(case, finding), "", summary]], widths, style=PLAIN)


def _figure(case: Case, finding: str) -> list[Flowable]:
    pictures, captions = zip(*panels(case, finding), strict=True)
    scale = scale_of(case, finding) if case.explanations else 0.0
    lettered = " ".join(f"{letter}: {caption}" for letter, caption in zip("abc", captions, strict=False))
    return [Panels(pictures, color_bar(), scale or None), _caption(1, lettered)]


def _text(report: Report, sections: Collection[Section], style: ParagraphStyle = BODY) -> Iterable[Flowable]:
    for title, sentences in contents.by_section(report, sections):
        yield CondPageBreak(16 * mm)
        yield _head(title)
        yield Paragraph(" ".join(_sentence(*item) for item in sentences), style)
        for _, flags in sentences:
            for letter, flag in flags:
                yield Paragraph(f"<super>{letter}</super> {literal(flag)}", FLAGGED)


def _sentence(sentence: Sentence, flags: Sequence[contents.Flag]) -> str:
    marks = ",".join([*map(str, sentence.cites), *(letter for letter, _ in flags)])
    raised = f'<super size="6" rise="3.2">{marks}</super>' if marks else ""
    text = literal(sentence.text)
    return f'<font color="{FLAG}"><u>{text}</u>{raised}</font>' if flags else text + raised


def _checks(checks: list[Check], case: Case, finding: str) -> Iterable[Flowable]:
    """Table with two rows per check: sign, question and values of map, random and Gaussian; reason."""
    judged = [check for check in checks if check.verdict != "cannot be judged"]
    passed = sum(check.verdict == "passed" for check in judged)
    title = f"{method_of(case.explanation(finding)).title} of {finding}"
    counts = f"{passed} of {len(judged)} passed, {len(checks) - len(judged)} not judged"
    heading = f"<b>{literal(title)}.</b> Deletion and Insertion decide together; {counts}."
    sign, figure = partial(Paragraph, style=SIGN), partial(Paragraph, style=FIGURE)
    cells: list[list[Paragraph | str]] = [
        ["", Paragraph(heading, SMALL), *(figure(name) for name in contents.CHECK_COLUMNS[2:5])]
    ]
    style = [*RULED]
    for question, verdict, *values, reason in contents.check_rows(checks):
        mark, text = verdict[0], f"<i>{literal(verdict[2:].capitalize())}.</i> {literal(reason)}"
        question = Paragraph(f"<b>{literal(question)}</b>", SMALL)
        cells.append([sign(f'<font color="{SIGNS[mark]}">{mark}</font>'), question, *map(figure, values)])
        cells.append(["", Paragraph(text, SMALL), "", "", ""])
        last = len(cells) - 1
        style += [("SPAN", (1, last), (-1, last)), ("NOSPLIT", (0, last - 1), (-1, last))]
        style += [
            ("BOTTOMPADDING", (0, last - 1), (-1, last - 1), 0),
            ("TOPPADDING", (0, last), (-1, last), 0),
        ]
        style.append(("LINEBELOW", (0, last), (-1, last), 0.25, RULE))
    yield _head("Can the map be believed?")
    yield Paragraph(literal(contents.verdict_text(case, finding, checks)), SMALL)
    yield Table(cells, (4.5 * mm, COLUMN - 36.5 * mm, 9 * mm, 11 * mm, 12 * mm), style=style, repeatRows=1)


def _facts(report: Report) -> Iterable[Flowable]:
    """Cited facts, except those that an unflagged sentence repeats word for word."""
    repeated = {(sentence.cites, sentence.text) for sentence in report.sentences if not sentence.flags}
    if facts := [
        fact for fact in contents.cited_facts(report) if ((fact.number,), fact.text) not in repeated
    ]:
        yield CondPageBreak(16 * mm)
        yield _head("Measured facts")
        note = "Superscript numbers cite facts. Facts that a sentence repeats word for word are not listed."
        yield Paragraph(note, SMALL)
    for fact in facts:
        yield Paragraph(literal(fact.text), FACT, f"{fact.number}")


def _pairs(title: str, rows: Iterable[contents.Row]) -> Iterable[Flowable]:
    lines = [Paragraph(f"<b>{literal(name)}.</b> {literal(value)}", SMALL) for name, value in rows]
    yield KeepTogether([_head(title), lines[0]])
    yield from lines[1:]


def _head(text: str) -> Paragraph:
    return Paragraph(escape(plain(text)), HEAD)


def _caption(number: int, text: str) -> Paragraph:
    return Paragraph(f'<font name="{BOLD}" size="6.6">Figure {number}</font>&nbsp; {literal(text)}', CAPTION)
