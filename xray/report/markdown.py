"""A Case and its report as Markdown; what users and language models wrote formats nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xray import NOTICE
from xray.report import contents
from xray.report.contents import Row
from xray.report.types import Report
from xray.types import Case, Check

# anywhere; before a word, as in links; at the start of a line, as in lists
SPECIAL = re.compile(r"[\\`*_\[\]<>#|&~@!$]|:(?=\S)|(?<=\bwww)\.|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")


def markdown(case: Case, report: Report, checks: Iterable[Check] = (), finding: str | None = None) -> str:
    """Text, tables and hashes, without pictures. Raises as pdf does."""
    finding = contents.shown_finding(case, finding)
    lines = [f"# {plain(case.radiograph.name)}", "", plain(contents.written_by(case, report)), ""]
    lines += [f"**{NOTICE}**", ""]
    for one in contents.warnings(case, report):
        lines += [f"> {plain(one)}", ""]
    for title, sentences in contents.by_section(report):
        told, reasons = [], []
        for sentence, flags in sentences:
            marks = ", ".join([*map(str, sentence.cites), *(letter for letter, _ in flags)])
            text = f"*{plain(sentence.text)}*" if flags else plain(sentence.text)
            told.append(f"{text} [{marks}]" if marks else text)
            reasons += [f"- **{letter}**: {plain(flag)}" for letter, flag in flags]
        lines += [f"## {title}", "", " ".join(told), "", *reasons, *[""] * bool(reasons)]
    lines += ["## What the model says", "", *_table(contents.ANSWERS, contents.answers(case)), ""]
    if case.explanations:
        lines += [plain(contents.map_caption(case, finding)), ""]
    if rows := contents.verdicts(checks):
        lines += ["## Can the map be believed?", "", *_table(contents.VERDICTS, rows), ""]
    for title, rows in (("Film", contents.film_facts(case)), ("Model", contents.model_facts(case, finding))):
        lines += [f"## {title}", "", *(f"- **{name}**: {plain(value)}" for name, value in rows), ""]
    if report.facts:
        lines += ["## Measured facts", "", *(f"{one.number}. {plain(one.text)}" for one in report.facts), ""]
    return "\n".join([*lines, f"*{contents.disclaimer()}*", ""])


def plain(text: str) -> str:
    """Text in one line in which Markdown finds nothing to format, link or fetch (CommonMark 2.4)."""
    return SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def _table(head: Row, rows: Iterable[Row]) -> list[str]:
    body = ["| " + " | ".join(map(plain, row)) + " |" for row in rows]
    return ["| " + " | ".join(head) + " |", "|---" * len(head) + "|", *body]
