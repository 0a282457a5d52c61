"""Keep results of the pages in the history: the switches in the sidebar, and functions that store results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from xray.access import may_use
from xray.errors import HistoryUnavailable, RefusedRadiograph
from xray.history import keeping, query
from xray.history.keeping import Keeper, history
from xray.history.opening import database_url, exists
from xray.history.query import Line
from xray.history.record import record_of_refusal
from xray.models.registry import ModelEntry, entries, public_entries
from xray.report import Report
from xray.types import Case, Check, Explanation, Radiograph
from xray.types.answer import percent
from xray.ui.access import owner, visitor
from xray.ui.common.escaping import literal
from xray.ui.session import session

Key = tuple[str, str, str, str]


def is_offered() -> bool:
    """Whether the visitor has a history."""
    return may_use(visitor(), "history")


def history_exists() -> bool:
    """Whether a history exists; none is created. Raises HistoryUnavailable."""
    return exists(database_url())


def history_switch() -> None:
    """Show the switches for results and file names in the sidebar; both are off by default."""
    if not is_offered():
        return
    keep, names = _preference()
    st.session_state.setdefault(f"keep results:{owner()}", keep)
    with st.sidebar:
        st.toggle(
            "Keep results on this computer",
            key=f"keep results:{owner()}",
            on_change=_choose,
            help="For every analyzed film, the time, the hash of its pixels, the model, its predictions, the "
            "results of gate and checks, a small encrypted overlay and your feedback are stored; not the "
            "film, its name or anything of a DICOM header. A report is stored with its film only if you "
            "save it. Your answers on the Learn page are stored, too. See the History page.",
        )
        if keep:
            st.session_state.setdefault(f"keep names:{owner()}", names)
            st.checkbox("With file names", key=f"keep names:{owner()}", on_change=_choose)
        if error := session().history.error:
            st.warning(literal(error), icon=":material/database_off:")


def _preference() -> tuple[bool, bool]:
    """Whether results and file names are kept; read from the database once per session."""
    chosen = session().history.preferences
    if owner() not in chosen:
        chosen[owner()] = (False, False)
        try:
            if history_exists():
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
    """Whether the results of this visitor are kept."""
    return is_offered() and _preference()[0]


def keep(case: Case) -> None:
    """Keep a Case that is shown, once per session, if the switch is on. Errors appear in the sidebar."""
    if not is_keeping():
        return
    key, kept = _key(case), session().history.stored
    if key in kept:
        return
    try:
        earlier = query.seen(history(), owner(), case.radiograph.sha256)
        current = set(kept.values())
        session().history.earlier[key] = [line for line in earlier if line.id not in current]
        kept[key] = keeping.keep(case, owner(), with_name=_preference()[1])
        session().history.error = ""
    except HistoryUnavailable as error:
        session().history.error = str(error)


def keep_refusal(film: Radiograph, refusal: RefusedRadiograph) -> None:
    """Keep the refusal of a film by the input gate, once per session, if the switch is on."""
    if not is_keeping():
        return
    key, kept = (owner(), film.sha256, refusal.model_id, refusal.weights_sha256), session().history.refused
    if key in kept:
        return
    try:
        keeping.keep(record_of_refusal(film, refusal), owner(), with_name=_preference()[1])
        kept.add(key)
        session().history.error = ""
    except HistoryUnavailable as error:
        session().history.error = str(error)


def keep_verdicts(case: Case, explanation: Explanation, checks: Sequence[Check]) -> None:
    """Add the results of checks on a map, not from a file, and the verdict on it to a Case that was kept."""
    if not is_keeping() or explanation.file:
        return
    from xray.evidence import verdict_of

    number = session().history.stored.get(_key(case))
    if number is None:
        return
    try:
        finding, method = explanation.finding, explanation.method
        verdict = verdict_of(explanation, checks)
        history().add_verdicts(number, owner(), finding, method, checks, verdict)
    except HistoryUnavailable as error:
        session().history.error = str(error)


def keep_report(case: Case, report: Report, checks: Sequence[Check]) -> None:
    """Save an accepted report with its Case and the film. Raises HistoryUnavailable."""
    with_name = _preference()[1]
    keeping.keep(case, owner(), with_name=with_name, checks=checks, report=report)


def keep_answer(film: str, content: bytes) -> None:
    """Keep an answer of the Learn page if the switch is on. Errors appear in the sidebar."""
    if not is_keeping():
        return
    from xray.history.practice import save_answer

    try:
        save_answer(history(), owner(), film, content)
        session().history.error = ""
    except HistoryUnavailable as error:
        session().history.error = str(error)


def kept_answers() -> list[bytes]:
    """The answers of the Learn page that were kept; none if the switch is off. Raises HistoryUnavailable."""
    if not is_keeping():
        return []
    from xray.history.practice import saved_answers

    return saved_answers(history(), owner())


def forget_answers() -> None:
    """Delete the answers of the Learn page that were kept. Errors appear in the sidebar."""
    from xray.history.practice import delete_answers

    try:
        delete_answers(history(), owner())
    except HistoryUnavailable as error:
        session().history.error = str(error)


def cohort_keeper(*, enabled: bool) -> Keeper:
    """The keeper of the results of a cohort, enabled only if the switch is on."""
    if not (enabled and is_keeping()):
        return Keeper(enabled=False)
    return Keeper(owner=owner(), with_names=_preference()[1])


def seen_before(case: Case) -> None:
    """Show when this film was opened before, and its prediction at that time."""
    if not is_keeping():
        return
    earlier = session().history.earlier.get(_key(case), [])
    if earlier:
        st.caption(f":material/history: {earlier_answers(earlier)}")


def earlier_answers(earlier: Sequence[Line]) -> str:
    """Describe the last earlier result, and count the results of other models."""
    last = earlier[0]
    feedback = {True: " You agreed.", False: " You disagreed.", None: ""}[last.agrees]
    more = len(earlier) - 1
    others = f" {more} more on the History page." if more else ""
    model = literal(titles().get(last.model_id, last.model_id))
    statement = literal(last.statement or f"{last.finding} {percent(last.probability)} ({last.answer}).")
    return f"Seen before on {moment(last.last_opened)}, by {model}: {statement}{feedback}{others}"


def moment(time: datetime) -> str:
    """A time in the time zone of the browser, as "5 March 2026, 14:30"."""
    local = time.astimezone(zone())
    return f"{local.day} {local:%B %Y, %H:%M}"


def zone() -> ZoneInfo:
    """The browser's time zone, or UTC."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def titles() -> dict[str, str]:
    """Titles of the registered models, by id."""
    known: tuple[ModelEntry, ...] = (*entries(), *public_entries())
    return {model.id: model.title for model in known}


def _key(case: Case) -> Key:
    prediction = case.prediction
    return owner(), case.radiograph.sha256, prediction.model_id, prediction.weights_sha256
