"""Choice of normal films and of the lesions that are inserted into them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from xray.access import may_use
from xray.imaging.lesions import LESIONS
from xray.io.label_lists import NORMAL, plain
from xray.learn.inserted import Design, NormalFilms, folder_films, simulated_films
from xray.models.lungs import shows_lungs
from xray.models.registry import ModelEntry
from xray.ui.access import visitor
from xray.ui.common.cases import chosen_model
from xray.ui.common.escaping import literal
from xray.whatif.lesion_lab import SIZE, finding_for

KINDS = [kind for kind in LESIONS if kind != "disc"]
DEFAULT_SIZE = {"consolidation": 11.5, "nodule": 4.0, "mass": 10.0, "effusion": 19.0}  # % of the width


@dataclass(frozen=True)
class Chosen:
    """What a user chose: the lesions, the model and its finding, and the folder of the films, or empty."""

    design: Design
    entry: ModelEntry
    finding: str
    folder: str

    @property
    def key(self) -> tuple[str, ...]:
        """The choice as text."""
        return self.folder, self.entry.id, self.finding, self.design.kind, f"{self.design.size:g}"

    def films(self, seed: int) -> NormalFilms:
        """The normal films. Raises XrayError, as folder_films does."""
        if self.folder:
            return folder_films(Path(self.folder).expanduser(), self.entry, seed, visitor())
        return simulated_films(seed)


def chosen_lesions() -> Chosen | None:
    """Show the choice of lesion, finding and films; None if the model reads no chest films."""
    model = chosen_model()
    if not shows_lungs(model):
        st.info(
            f"{literal(model.title)} reads no chest films. Choose a chest model in the sidebar.",
            icon=":material/info:",
        )
        return None
    kinds, sizes, findings, folders = st.columns([2, 2, 2, 3], vertical_alignment="bottom")
    kind = kinds.selectbox(
        "Lesion", KINDS, format_func=str.capitalize, key="inserted kind", persist_state="session"
    )
    size = sizes.slider(
        "Radius",
        100 * SIZE[0],
        100 * SIZE[1],
        DEFAULT_SIZE[kind],
        0.5,
        format="%g%%",
        key=f"inserted size:{kind}",
        persist_state="session",
        help="Of the film's width; for an effusion its height.",
    )
    known = [finding for finding in model.findings if plain(finding) not in NORMAL]
    finding = findings.selectbox(
        "Finding of the model",
        known,
        known.index(finding_for(kind, model.findings)),
        key=f"inserted finding:{model.id}:{kind}",
        persist_state="session",
        help="The model reports the lesion if this finding reaches its operating point.",
    )
    folder = ""
    if may_use(visitor(), "files"):
        folder = folders.text_input(
            "Folder of normal films",
            key="inserted folder",
            persist_state="session",
            placeholder="empty: simulated chests",
            help="On the computer that runs this page: a folder with labels.csv. Its films labeled normal "
            "are used.",
        ).strip()
    return Chosen(Design(kind, size / 100), model, finding, folder)
