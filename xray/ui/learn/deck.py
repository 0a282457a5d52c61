"""Choice of a deck, simulated or from a folder; the address contains its seed, for a class to share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from xray.access import may_use
from xray.learn.deck import MAX_SEED, Deck, Played
from xray.learn.folder import findings_of, folder_deck
from xray.learn.scores import Answer, Reference
from xray.learn.simulated import simulated_deck
from xray.types import Radiograph
from xray.ui.access import visitor
from xray.ui.common.cases import chosen_model
from xray.ui.common.escaping import literal
from xray.ui.session import session

DECK = "deck"  # query parameter and widget
TITLES = {"simulated": "Simulated films", "folder": "Folder"}  # by the kind in the address of the page
MAX_DECKS, MAX_FILMS = 20, 2  # kept in a session: decks with their answers, and films with pixels
Key = tuple[str, ...]


@dataclass(eq=False)
class Run:
    """A deck and its progress in this session. Predictions are added only after the reader's answer.

    Attributes:
        deck: The deck.
        answers: The reader's answers, by film.
        played: Scores of the answered films.
        films: The films and references that were shown last.
    """

    deck: Deck
    answers: dict[int, Answer] = field(default_factory=dict)
    played: dict[int, Played] = field(default_factory=dict)
    films: dict[int, tuple[Radiograph, Reference]] = field(default_factory=dict)

    def film(self, number: int) -> tuple[Radiograph, Reference]:
        """Load a film and its reference, or return them again. Raises UnreadableImage or UnusableData."""
        if number not in self.films:
            with st.spinner("Preparing the film …"):
                self.films[number] = self.deck.questions[number].film(number + 1)
            while len(self.films) > MAX_FILMS:
                del self.films[next(iter(self.films))]
            opened = [film for film in session().films.values() if not isinstance(film, str)]
            session().keep_only([*opened, *(film for film, _ in self.films.values())])
        return self.films[number]


def chosen_run() -> tuple[Run, str] | None:
    """Show the choice of the deck.

    Returns:
        The run of the chosen deck, and a name for its widgets; None while there is no deck.

    Raises:
        XrayError: If a folder cannot be read or the model cannot be loaded.
    """
    kinds, seeds = st.columns([3, 1], vertical_alignment="bottom")
    known = list(TITLES) if may_use(visitor(), "files") else ["simulated"]
    linked = st.query_params.get(DECK)
    kind = kinds.segmented_control(
        "Deck",
        known,
        format_func=TITLES.__getitem__,
        default=linked if linked in known else "simulated",
        required=True,
        key=DECK,
    )
    if kind != linked:  # a bound control would put the title into the address
        st.query_params[DECK] = kind
    seed = seeds.number_input(
        "Seed",
        0,
        MAX_SEED,
        1,
        key="seed",
        bind="query-params",
        help="The same seed gives the same deck: share the address of this page with a class.",
    )
    if kind == "folder":
        return folder_run(seed)
    key = ("simulated", str(seed))
    if key not in runs():
        runs()[key] = Run(simulated_deck(seed))
    return shown_run(key)


def folder_run(seed: int) -> tuple[Run, str] | None:
    """Show the choice of a folder and a finding; the deck is built on request. Raises XrayError."""
    model = chosen_model()
    place, finding_column, button = st.columns([4, 2, 1], vertical_alignment="bottom")
    folder = place.text_input(
        "Folder",
        key="learn folder",
        persist_state="session",
        placeholder="/path/to/films",
        help="On the computer that runs this page: a folder with labels.csv (path, labels, patient_id, "
        "split) and, if known, the locations in boxes.csv; or a YOLO data set with data.yaml.",
    ).strip()
    if not folder:
        st.caption("Enter a folder of labeled films. They stay on the computer that runs this page.")
        return None
    notes: list[str] = []
    findings = findings_of(Path(folder).expanduser(), model, visitor(), notes.append)
    if notes:
        st.caption(literal(" ".join(notes)))
    if not findings:
        st.info(
            f"No finding of {literal(model.title)} is labeled present in some films of this folder and "
            "absent in others. Choose another model or folder.",
            icon=":material/info:",
        )
        return None
    finding = finding_column.selectbox("Finding", findings, key=f"learn finding:{model.id}")
    key = ("folder", folder, model.id, finding, str(seed))
    if button.button("Build the deck", width="stretch", disabled=key in runs()):
        with st.spinner("Selecting films, including errors of the model …", show_time=True):
            runs()[key] = Run(folder_deck(Path(folder).expanduser(), model, finding, seed, visitor()))
    if key not in runs():
        st.caption("Build the deck: the model analyzes up to 24 films, and 8 of them are selected.")
        return None
    return shown_run(key)


def shown_run(key: Key) -> tuple[Run, str]:
    """Return a run and a name for its widgets; drop the films of other decks, and decks not used for long."""
    known = runs()
    for run in known.values():
        if run is not known[key]:
            run.films.clear()
    known[key] = known.pop(key)  # the last one used is the last one dropped
    while len(known) > MAX_DECKS:
        del known[next(iter(known))]
    return known[key], ":".join(key)


def runs() -> dict[Key, Run]:
    """The decks of this session."""
    return session().runs
