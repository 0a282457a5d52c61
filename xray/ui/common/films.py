"""Open films on a page: uploads, samples, photographs, and thumbnails to switch between them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from xray.errors import XrayError
from xray.imaging.phantom import simulated_samples
from xray.imaging.photo import straightened, warnings
from xray.imaging.transforms import downsample
from xray.io import read_radiograph
from xray.io.samples import fetch_sample, public_samples
from xray.types import Radiograph
from xray.ui.common.escaping import literal
from xray.ui.common.links import link_parameters, set_sample
from xray.ui.session import KEPT, SAMPLE, session

THUMBNAIL = 160  # px, side of a thumbnail


def opened_films(page: str, hint: str) -> dict[str, Radiograph]:
    """Show the uploader and the sample menu, and a message for each file that cannot be read.

    Streamlit discards the files of an uploader when its page is left; the films stay open until closed.

    Args:
        page: Name of the page, for the key of its uploader.
        hint: Shown while no film is open.

    Returns:
        The open films by key.
    """
    read = session().films
    uploader = f"uploads:{page}"
    if uploader not in st.session_state:
        keep(read)
    upload, menu = st.columns([3, 1], vertical_alignment="center")
    files = upload.file_uploader(
        "Radiographs", accept_multiple_files=True, key=uploader, label_visibility="collapsed"
    )
    with menu.container(horizontal=True, gap="xsmall"):
        add_sample(read)
        add_photograph(read)
        if any(key.startswith((SAMPLE, KEPT)) for key in read):
            st.button(
                "",
                icon=":material/close:",
                type="tertiary",
                help="Close samples and films opened before",
                key="close films",
                on_click=close_films,
                args=(read,),
            )
    for file in files:
        if file.file_id not in read:
            with st.spinner(f"Reading {literal(file.name)} …"):
                add(read, file.file_id, file.getvalue(), file.name)
    uploaded = {file.file_id for file in files}
    for key in [key for key in read if not key.startswith((SAMPLE, KEPT)) and key not in uploaded]:
        del read[key]
    for result in read.values():
        if isinstance(result, str):
            st.error(literal(result), icon=":material/broken_image:")
    films = {key: result for key, result in read.items() if isinstance(result, Radiograph)}
    session().keep_only(films.values())
    if not films:
        st.caption(hint)
    return films


def add(read: dict[str, Radiograph | str], key: str, data: bytes, name: str) -> None:
    """Open a film, or store the message of the error that reading it raises."""
    try:
        session().open(key, read_radiograph(data, name))
    except XrayError as error:
        read[key] = str(error)


def add_sample(read: dict[str, Radiograph | str]) -> None:
    """Show the menu of samples; simulated ones are computed, public ones downloaded.

    A simulated sample that the page's address names is opened when the session starts.
    """
    simulated = {sample.id: sample for sample in simulated_samples()}
    public = {sample.id: sample for sample in public_samples()}
    titles = {id: sample.title for id, sample in (simulated | public).items()}
    chosen = st.menu_button(
        "Samples", list(titles), format_func=titles.__getitem__, icon=":material/radiology:", width="stretch"
    )
    if not session().sample_opened:
        session().sample_opened = True
        linked = link_parameters().get("sample")
        chosen = linked if linked in simulated else chosen
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
        add(read, key, data, public[chosen].file_name)


def add_photograph(read: dict[str, Radiograph | str]) -> None:
    """Show a camera for a film on a light box; problems of the photograph are added to the film's notes."""
    with st.popover(
        "", icon=":material/photo_camera:", type="tertiary", help="Photograph a film on a light box"
    ):
        photo = st.camera_input("Film on a light box: no flash, camera parallel to the film", key="camera")
    if photo is None or photo.file_id == session().photograph:
        return
    session().photograph = photo.file_id
    key = f"{KEPT}{photo.file_id}"
    add(read, key, photo.getvalue(), "photograph.jpg")
    film = read[key]
    if isinstance(film, Radiograph):
        noted = replace(film, notes=(*film.notes, *warnings(film.pixels)))
        read[key] = straightened(noted)


def keep(read: dict[str, Radiograph | str]) -> None:
    """Keep the films of an uploader that is gone; drop the messages."""
    stay = {
        key if key.startswith((SAMPLE, KEPT)) else f"{KEPT}{key}": film
        for key, film in read.items()
        if isinstance(film, Radiograph)
    }
    if KEPT + session().shown in stay:
        session().shown = KEPT + session().shown
    read.clear()
    read.update(stay)


def close_films(read: dict[str, Radiograph | str]) -> None:
    """Close samples and films whose uploader is gone."""
    set_sample(None)
    for key in [key for key in read if key.startswith((SAMPLE, KEPT))]:
        del read[key]


def chosen_film(films: dict[str, Radiograph]) -> Radiograph:
    """Return the film to show; with several, show thumbnails to switch between them."""
    if session().shown not in films:
        show(next(iter(films)))
    shown = session().shown
    sample = shown.removeprefix(SAMPLE)
    set_sample(sample if sample in {known.id for known in simulated_samples()} else None)
    if len(films) > 1:
        with st.container(horizontal=True, key="thumbnails"):
            for key, radiograph in films.items():
                with st.container(width=96, gap="xsmall"):
                    st.image(thumbnail(radiograph), width=96, alt=radiograph.name)
                    st.button(
                        literal(radiograph.name),
                        key=f"show:{key}",
                        type="tertiary" if key != shown else "secondary",
                        width="stretch",
                        wrap=False,
                        help=literal(radiograph.name),
                        on_click=show,
                        args=(key,),
                    )
    return films[shown]


def thumbnail(radiograph: Radiograph) -> NDArray[np.uint8]:
    """Reduce a film to a square of THUMBNAIL pixels, centered on black."""
    pixels = downsample(radiograph.pixels, THUMBNAIL).pixels
    square = np.zeros((THUMBNAIL, THUMBNAIL), np.uint8)
    top, left = ((THUMBNAIL - length) // 2 for length in pixels.shape)
    square[top : top + pixels.shape[0], left : left + pixels.shape[1]] = np.rint(pixels * 255)
    return square


def show(key: str) -> None:
    """Show another of the open films."""
    session().shown = key


def film_facts(radiograph: Radiograph) -> str:
    """Name, size, depth, spacing, view and notes of a film, as Markdown."""
    height, width = radiograph.pixels.shape
    facts = [literal(radiograph.name), f"{width} × {height} px", f"{radiograph.bit_depth} bit"]
    if radiograph.spacing_mm:
        facts.append("{:.3g} × {:.3g} mm per pixel".format(*radiograph.spacing_mm[::-1]))
    if radiograph.view:
        facts.append(literal(radiograph.view))
    return " · ".join(facts) + "".join(f"  \n{literal(note)}" for note in radiograph.notes)
