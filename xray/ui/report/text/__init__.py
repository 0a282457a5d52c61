"""The text of a report: sentences that can be selected; unsupported ones are marked with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from xray.report import Report
from xray.report.text import SECTIONS

HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "report_text",
    html='<div class="report"></div>',
    css=(HERE / "text.css").read_text(encoding="utf-8"),
    js=(HERE / "text.js").read_text(encoding="utf-8"),
)


def report_text(
    report: Report, draft: str, chosen: int | None, on_choice: Callable[[int], None], key: str
) -> None:
    """Show the sentences of a report.

    Args:
        report: The report.
        draft: Identifies the draft; a choice in another draft is ignored.
        chosen: Index of the selected sentence.
        on_choice: Receives the index of a sentence that the user selects, or -1.
        key: Key of the component.
    """

    def changed() -> None:
        on_choice(index_of(st.session_state[key]["chosen"], draft, len(report.sentences)))

    _mount(
        data={"sections": sections(report), "draft": draft, "chosen": chosen},
        key=key,
        on_chosen_change=changed,
    )


def sections(report: Report) -> list[dict[str, Any]]:
    """The sections that have sentences, as the component expects them."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in SECTIONS}
    for index, sentence in enumerate(report.sentences):
        found[sentence.section].append(
            {
                "index": index,
                "text": sentence.text,
                "cites": list(sentence.cites),
                "flags": list(sentence.flags),
            }
        )
    return [{"title": name.capitalize(), "sentences": some} for name, some in found.items() if some]


def index_of(value: Any, draft: str, total: int) -> int:
    """The index of the sentence that the browser reports; -1 for an invalid value or another draft."""
    try:
        index = int(value["index"]) if value["draft"] == draft else -1
    except (KeyError, TypeError, ValueError):
        return -1
    return index if 0 <= index < total else -1
