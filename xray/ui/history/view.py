"""The History page: its views, and the stored films with search and filters."""

from __future__ import annotations

import base64
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any, get_args

import streamlit as st

from xray.history import query
from xray.history.filters import Feedback, Filter, Verdict
from xray.history.query import Line
from xray.history.store import Store
from xray.ui.access import owner
from xray.ui.common.keeping import is_keeping, titles, zone
from xray.ui.history.data import storage_place, your_data
from xray.ui.history.film import film_details
from xray.ui.history.trend import over_time
from xray.wording import counted

FILMS, TREND, DATA = "Films", "Over time", "Your data"
PAGE, FIELD = 25, 170  # lines at once; px of a control, two fit beside each other on a phone
ANY = "Any"
ANSWERS = ("present", "absent", "cannot tell", "at or above", "below")
ANSWER_TITLES = {"at or above": "at or above operating point", "below": "below operating point"}
WIDTHS = {  # px; together with the picture, they fit beside the sidebar on a screen of 1440 px
    "When": 135,
    "File": 130,
    "Finding": 115,
    "Call": 115,
    "Probability": 105,
    "Answer": 80,
    "Checks": 115,
    "Your verdict": 90,
    "Model": 165,
    "Gate": 100,
}
PICTURE = 64  # px
FEEDBACK = {True: "agreed", False: "disagreed", None: "–"}


def history_page(store: Store) -> None:
    """Show the page. Raises HistoryUnavailable."""
    known = query.models(store, owner())
    if not known:
        st.info(
            "Nothing is stored yet. Open a film on the Analyze page."
            if is_keeping()
            else "Nothing is stored. Turn on **Keep results on this computer** and open a film.",
            icon=":material/history:",
        )
        storage_place(store)
        return
    view = st.segmented_control(
        "View",
        [FILMS, TREND, DATA],
        default=FILMS,
        required=True,
        key="history view",
        persist_state="session",
        label_visibility="collapsed",
    )
    if not is_keeping():
        st.caption("New results are not stored: the switch in the sidebar is off.")
    if view == FILMS:
        films(store, known)
    elif view == TREND:
        over_time(store, {model_id: findings for model_id, findings in known.items() if findings})
    else:
        your_data(store)


def films(store: Store, known: dict[str, tuple[str, ...]]) -> None:
    """Show the filters, one page of films and, if a film is selected, its details beside the table."""
    wanted = chosen_filter(known)
    number = query.count(store, owner(), wanted)
    if not number:
        st.info("No film matches these filters.", icon=":material/filter_alt_off:")
        return
    pages = ceil(number / PAGE)
    first = 0
    if pages > 1:
        first = PAGE * (min(st.pagination(pages, key=f"history page:{hash(wanted)}"), pages) - 1)
    lines = query.page(store, owner(), wanted, first, PAGE)
    key = f"history lines:{hash(wanted)}:{first}:{number}"
    selected = selected_line(lines, key)
    table, *beside = st.columns([8, 5] if selected else [1], gap="medium")
    with table:
        films_table(lines, number, key, wanted.finding)
    if selected:
        with beside[0]:
            film_details(store, selected.id)


def chosen_filter(known: dict[str, tuple[str, ...]]) -> Filter:
    """Show the filters and return the chosen one."""
    with st.container(horizontal=True, gap="small"):
        search = st.text_input(
            "Search",
            key="history search",
            persist_state="session",
            width=FIELD,
            placeholder="Hash or file name",
            help="Part of the pixel hash, or of a file name if names are stored.",
        )
        model_id = choice("Model", list(known), titles())
        every = dict.fromkeys(finding for findings in known.values() for finding in findings)
        findings = known.get(model_id, tuple(every))
        finding = choice("Finding", list(findings))
        answer = choice("Answer", list(ANSWERS), ANSWER_TITLES, disabled=not finding)
        verdict = choice("Verdict", list(get_args(Verdict)[1:]))
        feedback = choice("Your verdict", list(get_args(Feedback)[1:]))
        days = st.date_input("Days", [], key="history days", persist_state="session", width=270)
    return Filter(
        search=search,
        model_id=model_id,
        finding=finding,
        answer=answer if finding else "",
        verdict=verdict,
        feedback=feedback,
        since=_start(days[0]) if days else None,
        until=_start(days[-1] + timedelta(days=1)) if len(days) == 2 else None,
    )


def choice(label: str, options: list[str], shown: dict[str, str] | None = None, **given: Any) -> Any:
    """Show a menu that starts with Any, which is returned as an empty string."""
    named = shown or {}
    chosen = st.selectbox(
        label,
        [ANY, *options],
        key=f"history {label}",
        persist_state="session",
        width=FIELD,
        format_func=lambda option: named.get(option, option),
        **given,
    )
    return "" if chosen == ANY else chosen


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), zone())


def selected_line(lines: list[Line], key: str) -> Line | None:
    """The film that is selected in the table with this key, if any."""
    table = st.session_state.get(key)
    rows = [row for row, _ in table.selection.cells] if table else []
    return lines[rows[0]] if rows and rows[0] < len(lines) else None


def films_table(lines: list[Line], number: int, key: str, finding: str) -> None:
    """Show films as a table in which one can be selected.

    Args:
        lines: The films.
        number: Number of films that match the filter.
        key: Key of the table; another one for other films.
        finding: Finding of the filter, whose values are shown; empty for the call of each film.
    """
    named = titles()
    columns: dict[str, list[object]] = {
        " ": [_picture(line) for line in lines],
        "When": [line.at for line in lines],
    }
    if any(line.file_name for line in lines):
        columns["File"] = [line.file_name or "–" for line in lines]
    if finding:
        columns["Finding"] = [line.finding or "–" for line in lines]
    else:
        columns["Call"] = [_call(line) for line in lines]
    columns |= {
        "Probability": [100 * line.probability for line in lines],
        "Answer": [line.answer or "refused" for line in lines],
        "Checks": [line.evidence or "–" for line in lines],
        "Your verdict": [FEEDBACK[line.agrees] for line in lines],
        "Model": [named.get(line.model_id, line.model_id) for line in lines],
        "Gate": [line.gate_kind for line in lines],
        "Film": [line.pixels_sha256[:12] for line in lines],
    }
    st.dataframe(
        columns,
        hide_index=True,
        row_height=PICTURE,
        height="content" if len(lines) < 8 else 560,
        on_select="rerun",
        selection_mode="single-cell",
        column_config={name: st.column_config.TextColumn(width=width) for name, width in WIDTHS.items()}
        | {
            " ": st.column_config.ImageColumn(width=PICTURE),
            "When": st.column_config.DatetimeColumn(
                format="D MMM YYYY, HH:mm", timezone=str(zone()), width=WIDTHS["When"]
            ),
            "Probability": st.column_config.ProgressColumn(
                format="%.1f%%", min_value=0, max_value=100, width=WIDTHS["Probability"]
            ),
            "Film": None,  # hidden until the user shows it
        },
        key=key,
        alt=f"{number} stored films",
    )
    st.caption(
        f"{counted(number, 'film')}, newest first. "
        "Click a row to see what is stored and to state whether you agree."
    )


def _call(line: Line) -> str:
    """The called finding; without a call, the most likely one in parentheses."""
    if line.called or not line.finding:
        return line.finding or "–"
    return f"none ({line.finding})"


def _picture(line: Line) -> str:
    if not line.thumbnail:
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(line.thumbnail).decode()}"
