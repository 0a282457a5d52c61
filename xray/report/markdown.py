"""The report of a Case in Markdown; text by users and language models is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xray import NOTICE
from xray.report import contents
from xray.report.contents import Row
from xray.report.pictures import map_caption
from xray.report.types import Report
from xray.types import Case, Check

# characters special anywhere, before a word (links), and at the start of a line (lists)
SPECIAL = re.compile(
    r"[\\`*_\[\]<>#|&~@!$]|:(?=\S)|(?<=\bwww)\.|^[-+=](?!\d)|(?:(?<=^\d)|(?<=^\d\d))[.)](?!\S)"
)


def markdown(case: Case, report: Report, checks: Iterable[Check] = (), finding: str | None = None) -> str:
    """Write a report in Markdown: text, tables and hashes, without pictures.

    The arguments and errors are those of report.pdf.pdf.
    """
    finding, checks = contents.shown_finding(case, finding), contents.reported_checks(report, checks)
    lines = [f"# {plain(case.radiograph.name)}", "", plain(contents.byline(case, report)), ""]
    lines += [f"**{NOTICE}**", ""]
    for warning in contents.warnings(case, report):
        lines += [f"> {plain(warning)}", ""]
    for title, sentences in contents.by_section(report):
        texts, reasons = [], []
        for sentence, flags in sentences:
            marks = ", ".join([*map(str, sentence.cites), *(letter for letter, _ in flags)])
            text = f"*{plain(sentence.text)}*" if flags else plain(sentence.text)
            texts.append(f"{text} [{marks}]" if marks else text)
            reasons += [f"- **{letter}**: {plain(flag)}" for letter, flag in flags]
        lines += [f"## {title}", "", " ".join(texts), "", *reasons, *[""] * bool(reasons)]
    lines += ["## Predictions", "", *_table(contents.FINDING_COLUMNS, contents.finding_rows(case)), ""]
    if case.explanations:
        lines += [plain(map_caption(case, finding)), ""]
    if rows := contents.check_rows(checks):
        verdict = plain(contents.verdict_text(case, finding, checks))
        lines += ["## Can the map be believed?", "", verdict, "", *_table(contents.CHECK_COLUMNS, rows), ""]
    for title, rows in (("Film", contents.film_rows(case)), ("Model", contents.model_rows(case, finding))):
        lines += [f"## {title}", "", *(f"- **{name}**: {plain(value)}" for name, value in rows), ""]
    if report.facts:
        lines += [
            "## Measured facts",
            "",
            *(f"{fact.number}. {plain(fact.text)}" for fact in contents.listed_facts(report, checks)),
            "",
        ]
    return "\n".join([*lines, f"*{contents.DISCLAIMER}*", ""])


def plain(text: str) -> str:
    """Put text on one line and escape everything that Markdown would format or link (CommonMark 2.4)."""
    return SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def _table(head: Row, rows: Iterable[Row]) -> list[str]:
    body = ["| " + " | ".join(map(plain, row)) + " |" for row in rows]
    return ["| " + " | ".join(head) + " |", "|---" * len(head) + "|", *body]
