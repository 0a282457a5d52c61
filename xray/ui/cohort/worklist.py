"""The worklist: one line per film, sorted and filtered, with a button that opens it on the Analyze page."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import ceil, isnan
from typing import get_args

import streamlit as st

from xray.cohort import Row
from xray.cohort.labels import truths
from xray.train.targets import targets
from xray.types import answer_of
from xray.types.explanation import Support
from xray.ui.cohort.session import Shown, open_film
from xray.ui.common.escaping import literal
from xray.wording import counted

PAGE = 50  # lines at once
FIELD = 170  # px; two fit beside each other on a phone
ALL, AT, BELOW, DUPLICATES = (
    "All films",
    "At or above operating point",
    "Below operating point",
    "Duplicates",
)
SUPPORTS = {f"Map: {support}": support for support in get_args(Support)}
STATES = {"Refused": "refused", "Not read": "not read"}
GIVEN, MOST, LEAST, NEAREST, NAME = ORDERS = (
    "Original order",
    "Highest probability first",
    "Lowest probability first",
    "Nearest to operating point",
    "File name",
)
VIEW, WORKLIST = "cohort view", "Worklist"
SEARCH, ONLY, ORDER, OPEN = "cohort search", "cohort only", "cohort order", "cohort open"


def worklist(shown: Shown, rows: list[Row], finding: str) -> None:
    """The filters and one page of lines; opens the film that is chosen."""
    with st.container(horizontal=True, gap="small"):
        st.text_input("File name contains", key=SEARCH, persist_state="session", width=FIELD)
        st.selectbox(
            "Show",
            [ALL, AT, BELOW, *(SUPPORTS if shown.evidence else ()), *STATES, DUPLICATES],
            key=ONLY,
            persist_state="session",
            width=FIELD,
        )
        st.selectbox("Order", ORDERS, key=ORDER, persist_state="session", width=FIELD)
    if shown.picked:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"Only {literal(shown.picked[0])}", width="content")
            st.button("Show all", icon=":material/close:", type="tertiary", on_click=pick, args=(shown, None))
    numbers = filtered(shown, rows, finding)
    if not numbers:
        st.info("No film matches these filters.", icon=":material/filter_alt_off:")
        return
    pages = ceil(len(numbers) / PAGE)
    first = 0
    if pages > 1:
        first = PAGE * (min(st.pagination(pages, key="cohort page"), pages) - 1)
    lines = numbers[first : first + PAGE]
    st.dataframe(
        _lines(shown, [rows[number] for number in lines], finding),
        hide_index=True,
        row_height=64,
        placeholder="–",
        height="content" if len(lines) < 8 else 520,
        column_config={
            " ": st.column_config.ImageColumn(width=72),
            "Open": st.column_config.ButtonColumn(
                "", width=72, key=OPEN, on_click=_choose, args=(shown, lines)
            ),
            "File": st.column_config.TextColumn(width="medium"),
            finding: st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100),
            "Note": st.column_config.TextColumn(width="large"),
        },
        key="cohort lines",
        alt=f"Worklist of {counted(len(numbers), 'film')}",
    )
    files = Counter(rows[number].file for number in lines)

    def name_of(number: int) -> str:
        file = rows[number].file
        return literal(file if files[file] == 1 else f"{file}, film {number + 1}")

    named = st.menu_button(  # for the keyboard, which cannot press a button of a table
        "Open a film",
        lines,
        format_func=name_of,
        icon=":material/radiology:",
        type="tertiary",
        key="cohort open by name",
    )
    st.caption(
        f"{len(numbers):,} of {counted(len(rows), 'film')}. Open shows a film on the Analyze page; a click "
        "on a heading sorts these lines."
    )
    number, shown.selected = named if shown.selected is None else shown.selected, None
    if number is not None:
        open_film(shown, number, finding)


def pick(shown: Shown, picked: tuple[str, Iterable[int]] | None) -> None:
    """Show only some films in the worklist, or all again.

    Args:
        shown: The cohort.
        picked: What the films have in common and their indices; None for all films.
    """
    shown.picked = None if picked is None else (picked[0], frozenset(picked[1]))
    st.session_state[VIEW], st.session_state[ONLY], st.session_state[SEARCH] = WORKLIST, ALL, ""


def films_menu(
    shown: Shown, chart: str, names: Sequence[str], films_of: Callable[[int], tuple[str, Iterable[int]]]
) -> None:
    """Show a menu that does what a click on a mark of a chart does, for the keyboard: it lists films.

    Args:
        shown: The cohort.
        chart: Key of the chart.
        names: Names of the marks, all different.
        films_of: The films of a mark by its number, as `pick` takes them.
    """
    key = f"films of {chart}"

    def choose() -> None:
        pick(shown, films_of(names.index(st.session_state[key])))

    st.menu_button(
        "List films",
        names,
        format_func=literal,
        icon=":material/list:",
        type="tertiary",
        key=key,
        on_click=choose,
    )


def _choose(shown: Shown, lines: list[int]) -> None:
    shown.selected = lines[st.session_state[OPEN].row]


def filtered(shown: Shown, rows: list[Row], finding: str) -> list[int]:
    """Indices of the rows that pass the filters of the worklist, in its order."""
    state = st.session_state  # other views do not show these widgets
    search, only, order = state.get(SEARCH, ""), state.get(ONLY, ALL), state.get(ORDER, GIVEN)
    found = [
        number
        for number, row in enumerate(rows)
        if search.casefold() in row.file.casefold()
        and _fits(row, only, finding)
        and (shown.picked is None or number in shown.picked[1])
    ]
    point = shown.entry.thresholds[shown.entry.findings.index(finding)]

    def rank(number: int) -> tuple[bool, float]:
        value = rows[number].probability(finding)
        return isnan(value), {MOST: -value, LEAST: value, NEAREST: abs(value - point)}[order]

    if order == NAME:
        return sorted(found, key=lambda number: rows[number].file.casefold())
    return found if order == GIVEN else sorted(found, key=rank)


def _fits(row: Row, only: str, finding: str) -> bool:
    if only in (AT, BELOW):
        return row.prediction is not None and row.prediction.at_operating_point(finding) == (only == AT)
    if only in SUPPORTS:
        return row.map_verdict is not None and row.map_verdict.support == SUPPORTS[only]
    if only == DUPLICATES:
        return bool(row.duplicate_of)
    return only == ALL or row.state == STATES[only]


def _lines(shown: Shown, rows: list[Row], finding: str) -> dict[str, list[object]]:
    lines: dict[str, list[object]] = {
        " ": [_picture(row) for row in rows],
        "Open": [None if row.state == "not read" else "Open" for row in rows],
        "File": [row.file for row in rows],
        finding: [None if row.prediction is None else 100 * row.probability(finding) for row in rows],
        "Answer": [row.prediction.answer(finding) if row.prediction else row.state for row in rows],
    }
    if shown.evidence:
        lines["Map"] = [row.map_verdict and row.map_verdict.support for row in rows]
    if len(shown.labels):
        known = targets(truths(shown.labels, (row.file for row in rows)), shown.entry.findings)
        column = known[:, shown.entry.findings.index(finding)]
        lines["Label"] = [{0.0: "without", 1.0: "with"}.get(value, "–") for value in column.tolist()]
    if len(shown.entry.findings) > 2:
        lines["Calls"] = [answer_of(row.prediction).call if row.prediction else "–" for row in rows]
    notes: list[object] = [_note(row) for row in rows]
    if any(notes):
        lines["Note"] = notes
    return lines


def _picture(row: Row) -> str | None:
    if not row.thumbnail:
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(row.thumbnail).decode()}"


def _note(row: Row) -> str:
    duplicate = f"Same pixels as {row.duplicate_of}." if row.duplicate_of else ""
    unlike = row.gate.compared if row.gate and row.gate.accepted and row.gate.farthest else ""
    return " ".join(filter(None, (row.sentence, row.notes, unlike, duplicate)))
