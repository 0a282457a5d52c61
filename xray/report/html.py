"""The report of a Case as one self-contained HTML file; text by users and language models is escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from xray import NOTICE
from xray.io.encode import picture_png
from xray.render.overlay import RGB, scale_of
from xray.report import contents
from xray.report.pictures import color_bar, panels, printed
from xray.report.types import Report
from xray.types import Case, Check

STYLE = Path(__file__).with_name("report.css")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def html(case: Case, report: Report, checks: Iterable[Check] = (), finding: str | None = None) -> str:
    """Write a report as HTML with the contents of the PDF, for light and dark screens and for printing.

    The arguments and errors are those of report.pdf.pdf.
    """
    finding, checks = contents.shown_finding(case, finding), contents.reported_checks(report, checks)
    name = escape(case.radiograph.name)
    parts = [f"<h1>{name}</h1>", f"<p class=quiet>{escape(contents.byline(case, report))}</p>"]
    parts.append(f"<p><b>{NOTICE}</b></p>")
    parts += [f"<p class=warning>{escape(warning)}</p>" for warning in contents.warnings(case, report)]
    parts += [_panels(case, finding), *_text(report)]
    parts += ["<h2>Predictions</h2>", _findings(case)]
    if checks:
        verdict = escape(contents.verdict_text(case, finding, checks))
        parts += ["<h2>Can the map be believed?</h2>", f"<p>{verdict}</p>", _checks(checks)]
    for title, rows in (("Film", contents.film_rows(case)), ("Model", contents.model_rows(case, finding))):
        items = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in rows)
        parts += [f"<h2>{title}</h2>", f"<dl>{items}</dl>"]
    if report.facts:
        facts = [
            f'<li id="fact-{fact.number}" value={fact.number}>{escape(fact.text)}'
            for fact in contents.listed_facts(report, checks)
        ]
        parts += ["<h2>Measured facts</h2>", f"<ol>{''.join(facts)}</ol>"]
    parts.append(f"<p class=quiet>{escape(contents.DISCLAIMER)}</p>")
    return (
        "<!doctype html>\n<html lang=en>\n<head><meta charset=utf-8><title>{name}</title>\n"
        '<meta name=viewport content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv=Content-Security-Policy content="{policy}">\n'
        "<style>\n{style}</style></head>\n<body>\n{body}\n</body></html>\n"
    ).format(name=name, policy=POLICY, style=STYLE.read_text(encoding="utf-8"), body="\n".join(parts))


def _text(report: Report) -> Iterable[str]:
    for title, sentences in contents.by_section(report):
        texts, reasons = [], []
        for sentence, flags in sentences:
            links = [f'<a href="#fact-{number}">{number}</a>' for number in sentence.cites]
            marks = ",".join([*links, *(letter for letter, _ in flags)])
            text = f"<mark>{escape(sentence.text)}</mark>" if flags else escape(sentence.text)
            texts.append(f"{text}<sup>{marks}</sup>" if marks else text)
            reasons += [f"<p class=warning><sup>{letter}</sup> {escape(flag)}</p>" for letter, flag in flags]
        yield f"<h2>{title}</h2>\n<p>{' '.join(texts)}</p>{''.join(reasons)}"


def _panels(case: Case, finding: str) -> str:
    pictures = panels(case, finding)
    scales = [""] * len(pictures)
    if case.explanations and scale_of(case, finding):
        bar = _data(case, color_bar().transpose(1, 0, 2)[:, ::-1], "Colors")
        scales[-1] = f'<img class=scale src="{bar}" alt="Colors from 0 to the highest value">'
    figures = [
        _panel(case, picture, caption, scale)
        for (picture, caption), scale in zip(pictures, scales, strict=True)
    ]
    return f"<div class=panels>{''.join(figures)}</div>"


def _panel(case: Case, picture: RGB, caption: str, below: str = "") -> str:
    text = escape(caption)
    source = _data(case, printed(picture), caption)
    return f'<figure><img src="{source}" alt="{text}">{below}<figcaption>{text}</figcaption></figure>'


def _data(case: Case, picture: RGB, title: str) -> str:
    return "data:image/png;base64," + b64encode(picture_png(picture, title, case)).decode()


def _findings(case: Case) -> str:
    """Table of the findings with a bar for each."""
    prediction, rows = case.prediction, []
    for number, (finding, *values) in enumerate(contents.finding_rows(case)):
        whisker = ""
        if prediction.intervals is not None:
            low, high = (100 * float(value) for value in prediction.intervals[number])
            whisker = f'<span class=whisker style="left:{low:.2f}%;width:{high - low:.2f}%"></span>'
        reached = " reached" if prediction.at_operating_point(finding) else ""
        bar = (
            f'<div class="track{reached}">'
            f'<span class=fill style="width:{100 * prediction.probabilities[number]:.2f}%"></span>{whisker}'
            f'<span class=point style="left:{100 * prediction.thresholds[number]:.2f}%"></span></div>'
        )
        cells = "".join(f"<td class=value>{escape(value)}" for value in values)
        rows.append(f"<tr><td>{escape(finding)}<td class=bar>{bar}{cells}")
    head = "".join(f"<th>{name}" for name in (contents.FINDING_COLUMNS[0], "", *contents.FINDING_COLUMNS[1:]))
    return f"<div class=scroll><table><tr>{head}{''.join(rows)}</table></div>"


def _checks(checks: Sequence[Check]) -> str:
    """Table of the checks, whose verdict is the CSS class of its cell."""
    body = []
    for check, (question, verdict, *rest) in zip(checks, contents.check_rows(checks), strict=True):
        cells = "".join(f"<td>{escape(cell)}" for cell in rest)
        body.append(f'<tr><td>{escape(question)}<td class="{check.verdict}">{escape(verdict)}{cells}')
    head = "".join(f"<th>{name}" for name in contents.CHECK_COLUMNS)
    return f"<div class=scroll><table><tr>{head}{''.join(body)}</table></div>"
