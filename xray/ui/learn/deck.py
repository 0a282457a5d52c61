"""Choosing a deck: the simulated one or films of a folder; the seed in the address gives a class the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from xray.learn.deck import MAX_SEED, Deck, Played
from xray.learn.folder import findings_of, folder_deck
from xray.learn.scores import Answer, Reference
from xray.learn.simulated import simulated_deck
from xray.types import Radiograph
from xray.ui.common.cases import chosen_model
from xray.ui.common.messages import literal
from xray.ui.session import session

KINDS = ("simulated", "folder")  # as they stand in the address
Key = tuple[str, ...]


@dataclass(eq=False)
class Run:
    """A deck as far as it was played in this session; nothing of the model is in it before an answer."""

    deck: Deck
    answers: dict[int, Answer] = field(default_factory=dict)
    played: dict[int, Played] = field(default_factory=dict)
    films: dict[int, tuple[Radiograph, Reference]] = field(default_factory=dict)

    def film(self, number: int) -> tuple[Radiograph, Reference]:
        """A film and its reference, made or read once. Raises UnreadableImage, UnusableData."""
        if number not in self.films:
            with st.spinner("Preparing the film …"):
                self.films[number] = self.deck.questions[number].film(number + 1)
        return self.films[number]


def chosen_run() -> tuple[Run, str] | None:
    """The run of the deck that is chosen, with a name for its widgets; None where there is no deck yet.

    Raises XrayError.
    """
    kinds, seeds = st.columns([3, 1], vertical_alignment="bottom")
    kind = kinds.segmented_control(
        "Deck",
        KINDS,
        default="simulated",
        required=True,
        key="deck",
        bind="query-params",
    )
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
        return of_folder(seed)
    key = ("simulated", str(seed))
    if key not in runs():
        runs()[key] = Run(simulated_deck(seed))
    return runs()[key], ":".join(key)


def of_folder(seed: int) -> tuple[Run, str] | None:
    """A deck of a folder, built when asked for. Raises XrayError."""
    model = chosen_model()
    place, finding_column, button = st.columns([4, 2, 1], vertical_alignment="bottom")
    folder = place.text_input(
        "Folder",
        key="learn folder",
        persist_state="session",
        placeholder="/path/to/films",
        help="On the computer that runs this page: a folder with labels.csv (path, labels, patient_id, "
        "split) and, if places are known, boxes.csv; or with YOLO's data.yaml.",
    ).strip()
    if not folder:
        st.caption("Give a folder of labeled films. They stay on the computer that runs this page.")
        return None
    findings = findings_of(Path(folder), model)
    if not findings:
        st.info(
            f"{literal(model.title)} reports nothing that some films of this folder are labeled with and "
            "others are not. Choose another model or folder.",
            icon=":material/info:",
        )
        return None
    finding = finding_column.selectbox("Finding", findings, key=f"learn finding:{model.id}")
    key = ("folder", folder, model.id, finding, str(seed))
    if button.button("Build the deck", width="stretch", disabled=key in runs()):
        with st.spinner("Selecting films, including errors of the model …", show_time=True):
            runs()[key] = Run(folder_deck(Path(folder), model, finding, seed))
    if key not in runs():
        st.caption("Build the deck: the model analyzes up to 24 films, and 8 of them are selected.")
        return None
    return runs()[key], ":".join(key)


def runs() -> dict[Key, Run]:
    return session().runs
