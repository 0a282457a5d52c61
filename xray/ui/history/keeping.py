"""Keeping results while films are analyzed: the switch in the sidebar, and what a session has kept."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from sqlalchemy import URL

from xray.access import may_use
from xray.errors import HistoryUnavailable
from xray.history import query
from xray.history.crypto import history_key
from xray.history.opening import database_url, exists
from xray.history.query import Line
from xray.history.store import Store
from xray.models.registry import ModelEntry, entries, public_entries
from xray.settings import settings
from xray.types import Case, Check
from xray.ui.access import owner, visitor
from xray.ui.common.messages import literal
from xray.ui.session import session

Key = tuple[str, str, str, str]


def is_offered() -> bool:
    """Whether the visitor has a history."""
    return may_use(visitor(), "history")


def history() -> Store:
    """The store, opened once for all sessions. Raises HistoryUnavailable."""
    return _opened(database_url(), str(settings().data_dir), settings().history_key.get_secret_value())


def _whole(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@st.cache_resource(show_spinner="Opening the history …", hash_funcs={URL: _whole})
def _opened(url: URL, folder: str, key: str) -> Store:
    return Store(url, history_key())


def is_kept_anywhere() -> bool:
    """Whether there is a history to look at; asking makes none. Raises HistoryUnavailable."""
    return exists(database_url())


def history_switch() -> None:
    """In the sidebar: whether results are kept, and file names with them. Off until the user turns it on."""
    if not is_offered():
        return
    keep, names = _preference()
    st.session_state.setdefault(f"keep results:{owner()}", keep)
    with st.sidebar:
        st.toggle(
            "Keep results on this computer",
            key=f"keep results:{owner()}",
            on_change=_choose,
            help="For every film that is analyzed: when, the hash of its pixels, the model, its answers, "
            "what the gate and the checks said, a small encrypted overlay, and what you think of it. Not "
            "the film, not its name, nothing of a DICOM header. See the History page.",
        )
        if keep:
            st.session_state.setdefault(f"keep names:{owner()}", names)
            st.checkbox("With file names", key=f"keep names:{owner()}", on_change=_choose)
        trouble = session().history.error
        if trouble:
            st.warning(literal(trouble), icon=":material/database_off:")


def _preference() -> tuple[bool, bool]:
    """What the owner chose, asked of the database once a session."""
    chosen = session().history.preferences
    if owner() not in chosen:
        chosen[owner()] = (False, False)
        try:
            if is_kept_anywhere():
                chosen[owner()] = history().preference(owner())
        except HistoryUnavailable as error:
            session().history.error = str(error)
    return chosen[owner()]


def _choose() -> None:
    keep = bool(st.session_state[f"keep results:{owner()}"])
    names = bool(st.session_state.get(f"keep names:{owner()}")) and keep
    session().history.error = ""
    try:
        history().set_preference(owner(), keep=keep, keep_names=names)
    except HistoryUnavailable as error:
        session().history.error = str(error)
        st.session_state[f"keep results:{owner()}"] = keep = names = False
    session().history.preferences[owner()] = (keep, names)


def is_keeping() -> bool:
    return is_offered() and _preference()[0]


def keep(case: Case) -> None:
    """Keep a Case that is shown, once a session, if the user wants it. Errors appear in the sidebar
    and takes nothing away from the page.
    """
    if not is_keeping():
        return
    key, kept = _key(case), session().history.stored
    if key in kept:
        return
    try:
        earlier = query.seen(history(), owner(), case.radiograph.sha256)
        mine = set(kept.values())
        session().history.earlier[key] = [one for one in earlier if one.id not in mine]
        kept[key] = history().keep(case, owner(), with_name=_preference()[1])
        session().history.error = ""
    except HistoryUnavailable as error:
        session().history.error = str(error)


def keep_verdicts(case: Case, finding: str, method: str, done: Sequence[Check]) -> None:
    """Add what checks said of a map to the Case that was kept."""
    if not is_keeping():
        return
    number = session().history.stored.get(_key(case))
    if number is None:
        return
    try:
        history().add_verdicts(number, owner(), finding, method, done)
    except HistoryUnavailable as error:
        session().history.error = str(error)


def seen_before(case: Case) -> None:
    """A quiet line: when this film was opened before, and what was said of it then."""
    if not is_keeping():
        return
    earlier = session().history.earlier.get(_key(case), [])
    if earlier:
        st.caption(f":material/history: {earlier_answers(earlier)}")


def earlier_answers(earlier: Sequence[Line]) -> str:
    """Seen before on ..., then ...: the last time in full, and how many other models were asked."""
    last = earlier[0]
    word = {True: " You agreed.", False: " You disagreed.", None: ""}[last.agrees]
    more = len(earlier) - 1
    others = f" {more} more on the History page." if more else ""
    return (
        f"Seen before on {moment(last)}, then {literal(last.finding)} {last.probability:.1%} "
        f"({last.answer}) by {literal(titles().get(last.model_id, last.model_id))}.{word}{others}"
    )


def moment(line: Line) -> str:
    """When a film was last opened, in the time zone of the browser."""
    return line.last_opened.astimezone(zone()).strftime("%-d %B %Y, %H:%M")


def zone() -> ZoneInfo:
    """The browser's time zone, or UTC."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def titles() -> dict[str, str]:
    """The models that are known, by id."""
    known: tuple[ModelEntry, ...] = (*entries(), *public_entries())
    return {one.id: one.title for one in known}


def _key(case: Case) -> Key:
    said = case.prediction
    return owner(), case.radiograph.sha256, said.model_id, said.weights_sha256
