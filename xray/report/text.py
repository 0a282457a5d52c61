"""A report as plain text, and as text that a user edits."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

from xray import NOTICE
from xray.report.grounding import grounded
from xray.report.types import Report, Section, Sentence
from xray.wording import counted

SECTIONS: tuple[Section, ...] = get_args(Section)
CITES = re.compile(r"\s*\[(?P<cites>\d+(?:\s*,\s*\d+)*)\]\s*$")
HEADING = re.compile(r"^#+\s*(.*?)\s*$")


def sentence_counts(report: Report) -> str:
    """Count sentences and flags: "12 sentences, checked against the facts: 2 marked, with the reason."."""
    total, flagged = len(report.sentences), len(report.flagged)
    sentences = counted(total, "sentence")
    if not flagged:
        return f"{sentences}, checked against the facts: none is marked."
    return f"{sentences}, checked against the facts: {flagged} marked, with the reason."


def as_text(report: Report) -> str:
    """Format a report with citations, flags, facts and the notice."""
    lines = [f"Report by {report.narrator}" + (", edited" if report.edited else ""), sentence_counts(report)]
    if report.problem:
        lines += ["", report.problem]
    for name in SECTIONS:
        if some := report.section(name):
            lines += ["", f"## {name.capitalize()}"]
            for sentence in some:
                lines += [_line(sentence), *(f"  (!) {flag}" for flag in sentence.flags)]
    lines += ["", "## Facts", *(f"{fact.number}. {fact.text}" for fact in report.facts), "", NOTICE]
    return "\n".join(lines) + "\n"


def editable(report: Report) -> str:
    """Format a report for editing: headings of sections, and one sentence per line with its citations."""
    return "\n\n".join(
        "\n".join([f"# {name.capitalize()}", *map(_line, some)])
        for name in SECTIONS
        if (some := report.section(name))
    )


def edited(report: Report, text: str) -> Report:
    """Read edited text back as a report and check every sentence again."""
    section: Section = SECTIONS[0]
    sentences = []
    for line in filter(str.strip, text.splitlines()):
        if heading := HEADING.match(line):
            section = next((name for name in SECTIONS if name == heading[1].lower()), section)
            continue
        cites = CITES.search(line)
        numbers = tuple(int(number) for number in cites["cites"].split(",")) if cites else ()
        sentence = Sentence(CITES.sub("", line).strip(), section, numbers)
        sentences.append(grounded(sentence, report.facts))
    return replace(report, sentences=tuple(sentences), edited=True, accepted=False)


def _line(sentence: Sentence) -> str:
    cites = f" [{', '.join(map(str, sentence.cites))}]" if sentence.cites else ""
    return sentence.text + cites
