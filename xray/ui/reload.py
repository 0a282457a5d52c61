"""Films and choices survive a reload of the page in the browser.

Streamlit begins a new session when a page is reloaded. The browser tab keeps a random key in its session
storage, which other tabs and other sites cannot read, and sends it back. Under this key, the memory of the
server holds what the session showed. Nothing is written to a file, and the key is in no address or cookie.
The entry is dropped when no film is open, when the user signs out, and by the limits of the store.
"""

from __future__ import annotations

from copy import deepcopy

import streamlit as st

from xray.types import Radiograph
from xray.ui.access import visitor
from xray.ui.common.links import SAMPLE_NAME
from xray.ui.reload_store import Remembered, Store
from xray.ui.session import SAMPLE, Session, session

FILMS, BYTES = 24, 256 * 2**20  # of one visitor
NAME = "reload"
SCRIPT = """
export default function ({ data, setStateValue }) {
  const name = "xray-reload-key";
  try {
    const kept = sessionStorage.getItem(name);
    if (data.settled || !kept) sessionStorage.setItem(name, data.key);
    else if (kept !== data.key) setStateValue("key", kept);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // storage is blocked: a reload begins anew
  }
}
"""


STORE = Store()
_mount = st.components.v2.component(
    NAME, js=SCRIPT, css=f".st-key-{NAME} {{ position: absolute; }}", isolate_styles=False
)


def restore_after_reload() -> None:
    """Exchange the key with the browser tab; a tab that was reloaded gets its films and choices back."""
    state = session()

    def answer() -> None:
        sent = st.session_state[NAME]["key"]
        state.reload_settled = True
        STORE.forget(state.reload_key)
        entry = STORE.find(sent, visitor().user) if isinstance(sent, str) else None
        if entry:
            state.reload_key = sent
            restore(state, entry)

    _mount(
        data={"key": state.reload_key, "settled": state.reload_settled},
        key=NAME,
        on_key_change=answer,
    )


def restore(state: Session, entry: Remembered) -> None:
    """Open the films of an entry, with its choices unless the address names another sample."""
    films: dict[str, Radiograph | str] = dict(entry.films)
    state.films = films | state.films
    state.originals = dict(entry.originals) | state.originals
    linked = state.link.get(SAMPLE_NAME)
    if linked and entry.shown != f"{SAMPLE}{linked}":
        return
    state.shown = entry.shown
    state.choice = deepcopy(entry.choice)
    state.marks = dict(entry.marks)


def remember(state: Session, user: str) -> None:
    """Keep the open films with the choices, which may change later; forget them if no film is open.

    Nothing of Streamlit is used, so that it also works while st.stop() ends the page.
    """
    films = limited(state)
    if not films:
        STORE.forget(state.reload_key)
        return
    originals = {key: data for key, data in state.originals.items() if key in films}
    entry = Remembered(user, films, originals, state.shown, state.choice, state.marks)
    STORE.keep(state.reload_key, entry)


def limited(state: Session) -> dict[str, Radiograph]:
    """The shown film and the films opened last, within the limits of one visitor, in their order."""
    films, size = state.open_films, 0
    kept: set[str] = set()
    for key in sorted(reversed(films), key=lambda key: key != state.shown):
        size += films[key].pixels.nbytes + len(state.originals.get(key, b""))
        if size > BYTES or len(kept) == FILMS:
            break
        kept.add(key)
    return {key: film for key, film in films.items() if key in kept}


def forget() -> None:
    """Forget what the session shows."""
    STORE.forget(session().reload_key)
