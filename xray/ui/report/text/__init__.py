"""The text of a report on the page: sentences to point at, those that do not hold marked with the reason."""

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
    report: Report, draft: str, chosen: int | None, tell: Callable[[int], None], key: str
) -> None:
    """draft: which one this is. chosen: the index of the sentence looked at. tell hears of another one."""

    def changed() -> None:
        tell(index_of(st.session_state[key]["chosen"], draft, len(report.sentences)))

    _mount(
        data={"sections": sections(report), "draft": draft, "chosen": chosen},
        key=key,
        on_chosen_change=changed,
    )


def sections(report: Report) -> list[dict[str, Any]]:
    numbered = list(enumerate(report.sentences))
    told = []
    for name in SECTIONS:
        some = [(index, one) for index, one in numbered if one.section == name]
        if some:
            shown = [
                {"index": index, "text": one.text, "cites": list(one.cites), "flags": list(one.flags)}
                for index, one in some
            ]
            told.append({"title": name.capitalize(), "sentences": shown})
    return told


def index_of(told: Any, draft: str, total: int) -> int:
    """The index that the browser tells of this draft; -1, for none, where that is nonsense."""
    try:
        index = int(told["index"]) if told["draft"] == draft else -1
    except (KeyError, TypeError, ValueError):
        return -1
    return index if 0 <= index < total else -1
