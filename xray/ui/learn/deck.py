"""Choice of a deck (simulated, shortcut, folder, cards); the address contains its seed, for a whole class."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from xray.access import may_use
from xray.learn.cards import deck_of_cards, identity
from xray.learn.deck import MAX_SEED, Deck, Played, repeated
from xray.learn.folder import findings_of, folder_deck
from xray.learn.inserted import inserted_deck
from xray.learn.reads import Read
from xray.learn.scores import Answer, Reference
from xray.learn.second import Shown
from xray.learn.shortcut import shortcut_deck
from xray.learn.simulated import simulated_deck
from xray.types import Radiograph
from xray.ui.access import visitor
from xray.ui.common.cases import chosen_model
from xray.ui.common.escaping import literal
from xray.ui.learn.inserted import chosen_lesions
from xray.ui.session import session
from xray.whatif.lesion_lab import CONTRAST, FAINTEST

DECK = "deck"  # query parameter and widget
BUILD = "build the deck"  # set for the next run of the page
TITLES = {  # by the kind in the address of the page
    "simulated": "Simulated films",
    "shortcut": "Shortcut",
    "folder": "Folder",
    "inserted": "Inserted lesions",
    "cards": "Cards",
}
MAX_DECKS, MAX_FILMS = 20, 2  # kept in a session: decks with their answers, and films with pixels
Key = tuple[str, ...]


@dataclass(eq=False)
class Run:
    """A deck and its progress in this session. Predictions are added only after the reader's answer.

    Attributes:
        deck: The deck.
        answers: The reader's last answers, by film.
        first_answers: The answers before the model was shown, and what was shown of it, by film.
        played: Scores of the answered films.
        reads: The answered films for the statistics; none in a repetition.
        films: The films and references that were shown last.
        again: The repetition of the missed films that is in progress.
        rounds: Number of repetitions so far.
        first: Of a repetition, the run of the whole deck.
    """

    deck: Deck
    answers: dict[int, Answer] = field(default_factory=dict)
    first_answers: dict[int, tuple[Answer, Shown]] = field(default_factory=dict)
    played: dict[int, Played] = field(default_factory=dict)
    reads: dict[int, Read] = field(default_factory=dict)
    films: dict[int, tuple[Radiograph, Reference]] = field(default_factory=dict)
    again: Run | None = None
    rounds: int = 0
    first: Run | None = None

    def repeat(self) -> None:
        """Start again with the films that were missed in this run."""
        first = self.first or self
        first.again = Run(repeated(self.deck, self.played), first=first)
        first.rounds += 1

    def leave(self) -> None:
        """End a repetition."""
        if self.first:
            self.first.again = None

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
    kinds, seeds, new = st.columns([4, 2, 1], vertical_alignment="bottom")
    usable = {"folder": may_use(visitor(), "files"), "cards": bool(session().cards)}
    known = [kind for kind in TITLES if usable.get(kind, True)]
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
        None if "seed" in st.session_state else 1,  # a new deck sets it
        key="seed",
        bind="query-params",
        help="The same seed gives the same deck: share the address of this page with a class.",
    )
    seed = 1 if seed is None else seed  # the field was cleared
    new.button("New deck", icon=":material/shuffle:", width="stretch", on_click=new_deck, args=(seed, kind))
    if kind == "folder":
        return folder_run(seed)
    if kind == "inserted":
        return inserted_run(seed)
    if kind == "cards":
        cards = session().cards
        return run_of(("cards", identity(cards), str(seed)), lambda: deck_of_cards(cards, seed))
    if kind == "shortcut":
        return run_of(("shortcut", str(seed)), lambda: shortcut_deck(seed))
    return run_of(("simulated", str(seed)), lambda: simulated_deck(seed))


def run_of(key: Key, build: Callable[[], Deck]) -> tuple[Run, str]:
    """The run of a deck, which is built if the session does not have it, and a name for its widgets."""
    if key not in runs():
        runs()[key] = Run(build())
    return shown_run(key)


def inserted_run(seed: int) -> tuple[Run, str] | None:
    """Show the choice of lesions and films, and return the run of their deck. Raises XrayError."""
    chosen = chosen_lesions()
    if chosen is None:
        return None
    contrast = st.columns([2, 3])[0].slider(
        "Contrast",
        FAINTEST,
        CONTRAST[1],
        0.3,
        0.05,
        key="inserted contrast",
        persist_state="session",
        help="Highest optical density; 0.7 halves the transmission.",
    )
    return run_of(
        ("inserted", *chosen.key, f"{contrast:g}", str(seed)),
        lambda: inserted_deck(
            chosen.films(seed), chosen.design, contrast, chosen.entry, chosen.finding, seed
        ),
    )


def new_deck(seed: int, kind: str) -> None:
    """Choose another seed at random, and build the deck of a folder at once."""
    st.session_state["seed"] = (seed + 1 + secrets.randbelow(MAX_SEED)) % (MAX_SEED + 1)
    st.session_state[BUILD] = kind == "folder"


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
    requested = button.button("Build the deck", width="stretch", disabled=key in runs())
    if (requested or st.session_state.pop(BUILD, False)) and key not in runs():
        with st.spinner("Selecting films, including errors of the model …", show_time=True):
            runs()[key] = Run(folder_deck(Path(folder).expanduser(), model, finding, seed, visitor()))
    if key not in runs():
        st.caption("Build the deck: the model analyzes up to 24 films, and 8 of them are selected.")
        return None
    return shown_run(key)


def shown_run(key: Key) -> tuple[Run, str]:
    """Return a run, or its repetition, and a name for its widgets.

    The films of other decks are dropped, and decks not used for long.
    """
    known = runs()
    chosen = known[key].again or known[key]
    for run in known.values():
        for other in (run, run.again):
            if other is not None and other is not chosen:
                other.films.clear()
    known[key] = known.pop(key)  # the last one used is the last one dropped
    while len(known) > MAX_DECKS:
        del known[next(iter(known))]
    return chosen, ":".join(key if chosen is known[key] else (*key, f"again {known[key].rounds}"))


def runs() -> dict[Key, Run]:
    """The decks of this session."""
    return session().runs
