"""Links to a view: query parameters name a sample or an example and the choices.

A link never names a film that the user opened.
"""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from xray.types import Radiograph
from xray.ui.choice import SHARED_POINTS
from xray.ui.session import session

SAMPLE_NAME = "sample"  # query parameter
SHARED = "The link opens this film with the model, finding, method, operating points and window shown here."
NOT_SHARED = (
    "Films that you opened are not part of a link. This one opens the page with the model, method, "
    "operating points and window shown here."
)


def linked_sample() -> str:
    """The sample that the address named when the session began, or an empty string."""
    return session().link.get(SAMPLE_NAME, "")


def open_linked(key: str, film: Radiograph) -> None:
    """Open the sample that a link names, with the finding of the link."""
    state = session()
    state.open(key, film)
    if finding := state.link.get("finding"):
        state.choice.findings[film.sha256] = finding


def set_sample(sample: str | None) -> None:
    """Name the shown sample and the choices in the address; None clears the address."""
    view = session().view
    if view.get(SAMPLE_NAME) != sample:
        view.pop("finding", None)  # belongs to the film before
        view.pop(SAMPLE_NAME, None)
    if sample is None:
        st.query_params.clear()
    else:
        view[SAMPLE_NAME] = sample
        _set_address()


def set_parameter(name: str, value: str) -> None:
    """Add a choice to the link, and to the address if it names a sample."""
    session().view[name] = value
    if SAMPLE_NAME in st.query_params:
        _set_address()


def link_parameters() -> dict[str, str]:
    """The query parameters of a link to what is shown."""
    state = session()
    parameters = dict(state.view)
    if SAMPLE_NAME not in parameters:
        parameters.pop("finding", None)
    if window := _window():
        parameters["window"] = "{:.3g},{:.3g}".format(*window)
    if state.choice.points in SHARED_POINTS:
        parameters["points"] = f"{SHARED_POINTS[state.choice.points]:g}"
    return parameters


def _window() -> tuple[float, float] | None:
    """Center and width of the window; None for the default."""
    drawing, linked = session().choice.drawing, session().choice.window
    if drawing is None:
        return linked
    window, usual = ((item.window_center, item.window_width) for item in (drawing, type(drawing)))
    return None if window == usual else window


def _set_address() -> None:
    parameters = link_parameters()
    if st.query_params.to_dict() != parameters:
        st.query_params.from_dict(parameters)


def link_button() -> None:
    """Offer a link to what is shown, and state what it does not contain."""
    with st.popover("Link", icon=":material/link:", help="Copy a link to this view"):
        show_link()


def show_link() -> None:
    """Show a link to what is shown, and state what it does not contain."""
    parameters = link_parameters()
    st.code(f"{st.context.url}?{urlencode(parameters)}", language=None, wrap_lines=True)
    st.caption(SHARED if SAMPLE_NAME in parameters else NOT_SHARED)
