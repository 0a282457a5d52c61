"""The films that are open on a page, as chips in a bar with the uploader, the samples and the camera."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from xray.imaging.transforms import downsample
from xray.types import Radiograph
from xray.ui.common.escaping import literal
from xray.ui.common.links import set_sample
from xray.ui.common.opening import add_photograph, add_sample, add_uploads, shareable_names, uploader
from xray.ui.pacs.opening import add_from_pacs
from xray.ui.session import SAMPLE, session

THUMBNAIL, CHIP = 160, 36  # px, side of a thumbnail, and of one on screen


def opened_films(page: str, hint: str) -> dict[str, Radiograph]:
    """Show the bar of open films, and a message for each file that cannot be read.

    Args:
        page: Name of the page, for the key of its uploader.
        hint: Shown while no film is open.

    Returns:
        The open films by key. They stay open on all pages until they are closed.
    """
    with st.container(key="film-bar", horizontal=True, vertical_alignment="center", gap="small"):
        chips = st.container(key="film-chips", horizontal=True, gap="xsmall", vertical_alignment="center")
        uploader(page)
        with st.container(key="film-sources", horizontal=True, gap="xsmall", width="content"):
            add_sample()
            add_photograph()
            add_from_pacs()
    add_uploads()
    films = session().open_films
    if films and session().shown not in films:
        show(next(iter(films)))
    with chips:
        for key, film in films.items():
            chip(key, film)
        if len(films) > 1:
            st.button("Close all", key="close films", type="tertiary", wrap=False, on_click=close_all)
    for key, message in session().films.items():
        if isinstance(message, str):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                st.error(literal(message), icon=":material/broken_image:")
                close_button(key, f"Close the message: {literal(message)}", "Close this message")
    session().keep_only(films.values())
    if not films:
        st.caption(hint)
    return films


def chip(key: str, film: Radiograph) -> None:
    """Show a thumbnail of a film, a button that shows the film, and a button that closes it."""
    shown, name = key == session().shown, literal(film.name)
    with st.container(
        key=f"chip-{key}", horizontal=True, gap=None, vertical_alignment="center", width="content"
    ):
        st.image(thumbnail(film), width=CHIP, alt=f"Thumbnail of {film.name}")
        st.button(
            f"**{name}**" if shown else name,
            key=f"show:{key}",
            type="tertiary",
            wrap=False,
            help=f"{name} is shown" if shown else f"Show {name}",
            on_click=show,
            args=(key,),
        )
        close_button(key, f"Close {name}", f"Close {name}")


def close_button(key: str, label: str, hint: str) -> None:
    """Show an icon that closes a film or a message; page.css hides the label, which screen readers read."""
    st.button(
        label,
        key=f"icon:close:{key}",
        icon=":material/close:",
        type="tertiary",
        help=hint,
        on_click=close,
        args=(key,),
    )


def close(key: str) -> None:
    """Close a film or a message."""
    session().films.pop(key, None)
    session().originals.pop(key, None)
    if key.startswith(SAMPLE):
        set_sample(None)


def close_all() -> None:
    """Close all films and messages."""
    for key in [*session().films]:
        close(key)


def chosen_film(films: dict[str, Radiograph]) -> Radiograph:
    """Return the film that is shown, and name it in the address if a link can contain it."""
    shown = session().shown
    sample = shown.removeprefix(SAMPLE)
    set_sample(sample if sample in shareable_names() else None)
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
