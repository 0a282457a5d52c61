"""Ways to open a film: upload, samples, and a photograph of a film on a light box."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from xray.errors import XrayError
from xray.examples import examples
from xray.imaging.phantom import simulated_samples
from xray.imaging.photo import straightened, warnings
from xray.io import read_radiograph
from xray.io.samples import fetch_sample, public_samples
from xray.types import Radiograph
from xray.ui.common.escaping import literal
from xray.ui.common.links import linked_sample, open_linked
from xray.ui.session import KEPT, SAMPLE, session


def uploader(page: str) -> None:
    """Show an uploader without its list of files: open films have chips.

    It keeps its key: a browser loses the files that it is sending when their uploader is replaced.

    Args:
        page: Name of the page, for the key of the uploader.
    """
    key = f"uploads:{page}"
    with st.container(key="film-upload"):
        st.file_uploader(
            "Radiographs",
            accept_multiple_files=True,
            key=key,
            label_visibility="collapsed",
            on_change=partial(take, key),
        )


def take(key: str) -> None:
    """Take the new files of an uploader; messages about earlier files are dropped."""
    state = session()
    new = [file for file in st.session_state[key] if file.file_id not in state.taken]
    state.arrivals += new
    state.taken |= {file.file_id for file in new}
    for old in [old for old, film in state.films.items() if isinstance(film, str)]:
        del state.films[old]


def add_uploads() -> None:
    """Read the files that arrived; a file stays in the list until it is read."""
    waiting = session().arrivals
    while waiting:
        file = waiting[0]
        with st.spinner(f"Reading {literal(file.name)} …"):
            add(f"{KEPT}{file.file_id}", file.getvalue(), file.name)
        waiting.remove(file)


def add(key: str, data: bytes, name: str) -> None:
    """Open a film, show the open one that has the same pixels, or keep the error that reading it raises."""
    state = session()
    try:
        film = read_radiograph(data, name)
    except XrayError as error:
        state.films[key] = str(error)
        return
    known, other = state.key_of(film.sha256) or (film, key)
    if other != key:
        state.shown = other
        same = "" if known.name == name else f": it has the pixels of {literal(known.name)}"
        st.toast(f"{literal(name)} is open already{same}.", icon=":material/file_copy:", duration="long")
        return
    state.open(key, film)
    if data[128:132] == b"DICM":
        state.originals[key] = data


def add_sample() -> None:
    """Show the menu of samples; simulated ones are computed, public ones downloaded.

    A simulated sample or example that the page's address names is opened when the session starts.
    """
    simulated = {sample.id: sample for sample in simulated_samples()}
    public = {sample.id: sample for sample in public_samples()}
    titles = {id: sample.title for id, sample in (simulated | public).items()}
    chosen = st.menu_button(
        "Samples", list(titles), format_func=titles.__getitem__, icon=":material/radiology:"
    )
    if not session().sample_opened:
        session().sample_opened = True
        with st.spinner("Computing the simulated film …"):
            if film := shareable(linked_sample()):
                open_linked(f"{SAMPLE}{linked_sample()}", film)
    if chosen is None:
        return
    key = f"{SAMPLE}{chosen}"
    if chosen in simulated:
        with st.spinner(f"Computing {titles[chosen]} …"):
            session().open(key, simulated[chosen].build().radiograph)
        return
    try:
        with st.spinner(f"Fetching {titles[chosen]} …"):
            data = fetch_sample(public[chosen])
    except XrayError as error:
        st.warning(literal(str(error)), icon=":material/cloud_off:")
    else:
        add(key, data, public[chosen].file_name)


def shareable_names() -> set[str]:
    """Names of the films that a link can contain: simulated samples and examples."""
    return {sample.id for sample in simulated_samples()} | {example.id for example in examples()}


def shareable(name: str) -> Radiograph | None:
    """Compute the film that a link names; None for another name."""
    for sample in simulated_samples():
        if sample.id == name:
            return sample.build().radiograph
    return next((example.film() for example in examples() if example.id == name), None)


def add_photograph() -> None:
    """Show a camera for a film on a light box; problems of the photograph are added to the film's notes."""
    label = "Photograph a film on a light box"
    with st.popover(label, icon=":material/photo_camera:", type="tertiary", help=label, key="icon:camera"):
        photo = st.camera_input("Film on a light box: no flash, camera parallel to the film", key="camera")
    if photo is None or photo.file_id == session().photograph:
        return
    session().photograph = photo.file_id
    key = f"{KEPT}{photo.file_id}"
    add(key, photo.getvalue(), "photograph.jpg")
    film = session().films.get(key)
    if isinstance(film, Radiograph):
        noted = replace(film, notes=(*film.notes, *warnings(film.pixels)))
        session().films[key] = straightened(noted)
