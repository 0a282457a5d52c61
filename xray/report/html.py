"""A Case and its report as one HTML file that needs nothing else; what others wrote is escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from html import escape
from pathlib import Path

from xray import NOTICE
from xray.io.encode import picture_png
from xray.render.boxes import draw_boxes
from xray.render.overlay import RGB, scale_of
from xray.report import contents
from xray.report.figures import printed
from xray.report.types import Report
from xray.types import Case, Check

STYLE = Path(__file__).with_name("report.css")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def html(case: Case, report: Report, checks: Iterable[Check] = (), finding: str | None = None) -> str:
    """What the PDF holds, for a screen in light and dark and for paper. Raises as pdf does."""
    finding = contents.shown_finding(case, finding)
    name = escape(case.radiograph.name)
    parts = [f"<h1>{name}</h1>", f"<p class=quiet>{escape(contents.written_by(case, report))}</p>"]
    parts.append(f"<p><b>{NOTICE}</b></p>")
    parts += [f"<p class=told>{escape(one)}</p>" for one in contents.warnings(case, report)]
    parts += [_panels(case, finding), *_text(report)]
    parts += ["<h2>What the model says</h2>", _answers(case)]
    if rows := contents.verdicts(checks):
        parts += ["<h2>Can the map be believed?</h2>", _verdicts(rows)]
    for title, rows in (("Film", contents.film_facts(case)), ("Model", contents.model_facts(case, finding))):
        told = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in rows)
        parts += [f"<h2>{title}</h2>", f"<dl>{told}</dl>"]
    if report.facts:
        facts = [f'<li id="fact-{one.number}" value={one.number}>{escape(one.text)}' for one in report.facts]
        parts += ["<h2>Measured facts</h2>", f"<ol>{''.join(facts)}</ol>"]
    parts.append(f"<p class=quiet>{escape(contents.disclaimer())}</p>")
    return (
        "<!doctype html>\n<html lang=en>\n<head><meta charset=utf-8><title>{name}</title>\n"
        '<meta name=viewport content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv=Content-Security-Policy content="{policy}">\n'
        "<style>\n{style}</style></head>\n<body>\n{body}\n</body></html>\n"
    ).format(name=name, policy=POLICY, style=STYLE.read_text(encoding="utf-8"), body="\n".join(parts))


def _text(report: Report) -> Iterable[str]:
    for title, sentences in contents.by_section(report):
        told, reasons = [], []
        for sentence, flags in sentences:
            links = [f'<a href="#fact-{number}">{number}</a>' for number in sentence.cites]
            marks = ",".join([*links, *(letter for letter, _ in flags)])
            text = f"<mark>{escape(sentence.text)}</mark>" if flags else escape(sentence.text)
            told.append(f"{text}<sup>{marks}</sup>" if marks else text)
            reasons += [f"<p class=told><sup>{letter}</sup> {escape(flag)}</p>" for letter, flag in flags]
        yield f"<h2>{title}</h2>\n<p>{' '.join(told)}</p>{''.join(reasons)}"


def _panels(case: Case, finding: str) -> str:
    figures = [_panel(case, contents.film_picture(case), "The film.")]
    found = contents.boxes(case)
    if found is not None:
        picture = draw_boxes(case.radiograph.pixels, found)
        figures.append(_panel(case, picture, contents.boxes_caption(found)))
    if case.explanations:
        picture, scale = contents.overlay_picture(case, finding), ""
        if scale_of(case, finding):
            bar = _data(case, contents.color_bar().transpose(1, 0, 2)[:, ::-1], "Colors")
            scale = f'<img class=scale src="{bar}" alt="Colors from 0 to the highest value">'
        figures.append(_panel(case, picture, contents.map_caption(case, finding), scale))
    return f"<div class=panels>{''.join(figures)}</div>"


def _panel(case: Case, picture: RGB, caption: str, below: str = "") -> str:
    said = escape(caption)
    source = _data(case, printed(picture), caption)
    return f'<figure><img src="{source}" alt="{said}">{below}<figcaption>{said}</figcaption></figure>'


def _data(case: Case, picture: RGB, title: str) -> str:
    return "data:image/png;base64," + b64encode(picture_png(picture, title, case)).decode()


def _answers(case: Case) -> str:
    """The table of answers, a bar beside each finding."""
    said, rows = case.prediction, []
    for number, (finding, *values) in enumerate(contents.answers(case)):
        whisker = ""
        if said.intervals is not None:
            low, high = (100 * float(value) for value in said.intervals[number])
            whisker = f'<span class=whisker style="left:{low:.2f}%;width:{high - low:.2f}%"></span>'
        reached = " reached" if said.at_operating_point(finding) else ""
        bar = (
            f'<div class="track{reached}">'
            f'<span class=fill style="width:{100 * said.probabilities[number]:.2f}%"></span>{whisker}'
            f'<span class=point style="left:{100 * said.thresholds[number]:.2f}%"></span></div>'
        )
        cells = "".join(f"<td class=value>{escape(value)}" for value in values)
        rows.append(f"<tr><td>{escape(finding)}<td class=bar>{bar}{cells}")
    head = "".join(f"<th>{name}" for name in (contents.ANSWERS[0], "", *contents.ANSWERS[1:]))
    return f"<div class=scroll><table><tr>{head}{''.join(rows)}</table></div>"


def _verdicts(rows: list[contents.Row]) -> str:
    told = []
    for question, verdict, *rest in rows:
        cells = "".join(f"<td>{escape(one)}" for one in rest)
        told.append(f'<tr><td>{escape(question)}<td class="{verdict[2:]}">{escape(verdict)}{cells}')
    head = "".join(f"<th>{name}" for name in contents.VERDICTS)
    return f"<div class=scroll><table><tr>{head}{''.join(told)}</table></div>"
