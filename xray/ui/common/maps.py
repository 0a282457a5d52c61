"""Choice of the method, and maps computed once per session; slow methods show progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal, TypeVar

import numpy as np
import streamlit as st
from scipy.stats import rankdata
from streamlit.delta_generator import DeltaGenerator

from xray.errors import MethodFailed
from xray.explain import METHODS, PLUGIN_PROBLEMS, Method, explain
from xray.explain.registry import Cost, Progress
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble, model_of
from xray.types import Case, Explanation
from xray.ui.common.escaping import literal
from xray.ui.common.links import set_parameter
from xray.ui.common.messages import show_error
from xray.ui.session import session
from xray.ui.viewer import viewer

T = TypeVar("T")
COSTS: tuple[Cost, ...] = ("one pass", "tens of passes", "hundreds of passes")


def ordered(model: Classifier | Ensemble) -> tuple[list[str], list[str]]:
    """Return the methods that a model supports, fastest first, and a sentence for each other method."""
    refusals = {name: method.refusal(model) for name, method in METHODS.items()}
    supported = sorted(
        (name for name, refusal in refusals.items() if not refusal),
        key=lambda name: (name != "gradcam", COSTS.index(METHODS[name].cost), METHODS[name].title),
    )
    unsupported = [f"{METHODS[name].title}: {reason}" for name, reason in refusals.items() if reason]
    return supported, [*unsupported, *map(literal, PLUGIN_PROBLEMS)]


def linked_method(supported: Sequence[str]) -> str:
    """The method that all pages show if it is supported, or else the first supported one."""
    method = session().choice.method
    return method if method in supported else supported[0]


def chosen_method(case: Case) -> Method:
    """Show the choice of the method, which all pages share; the tooltip lists unsupported methods."""
    supported, unsupported = ordered(model_of(case.prediction))
    key = f"method:{case.prediction.model_id}"

    def choose() -> None:
        session().choice.method = st.session_state[key]

    st.session_state[key] = linked_method(supported)
    name = st.selectbox(
        "Method",
        supported,
        format_func=lambda name: f"{METHODS[name].title} · {METHODS[name].cost}",
        key=key,
        help="How the map is computed." + "".join(f"\n- Not available: {reason}" for reason in unsupported),
        on_change=choose,
    )
    set_parameter("method", name)
    return METHODS[name]


def explained(case: Case, finding: str, place: DeltaGenerator) -> Case:
    """Return the Case with maps of the chosen method: of all findings where one pass suffices.

    If a method of another package fails, the reason is shown and the Case keeps its maps.

    Args:
        case: The Case.
        finding: The finding to explain.
        place: Where the progress of a slow method is shown.
    """
    method = chosen_method(case)
    if method.name == case.explanations[0].method:
        return case
    findings = case.prediction.findings if method.explains_all else (finding,)
    try:
        return replace(case, explanations=maps_of(case, method, findings, place))
    except MethodFailed as error:
        show_error(error)
        return case


def maps_of(
    case: Case, method: Method, findings: tuple[str, ...], place: DeltaGenerator | None = None
) -> tuple[Explanation, ...]:
    """Return the maps of some findings, computed once per session."""
    kept = session().maps
    film = case.radiograph
    key = (film.sha256, film.name, case.prediction.model_id, method.name, findings)
    if key not in kept:
        model = model_of(case.prediction)
        if method.explains_all:
            kept[key] = explain(model, film, method, findings)[1]
        else:
            kept[key] = with_progress(
                f"{method.title}: {method.cost} through the network",
                partial(explain, model, film, method, findings),
                stop,
                "stop map",
                place or st.empty(),
            )[1]
    return kept[key]


def with_progress(
    text: str, compute: Callable[[Progress], T], stop: Callable[[], None], key: str, place: DeltaGenerator
) -> T:
    """Show a bar and a button while something is computed.

    Args:
        text: Shown with the bar.
        compute: Receives a function to which it passes the share done, in [0, 1].
        stop: Callback of the button; the rerun that it starts interrupts the computation.
        key: Key of the button.
        place: Where the bar is shown: an empty element, which is empty again afterwards.
    """
    with place.container(
        key=f"film-progress-{key}", horizontal=True, vertical_alignment="center", border=True
    ):
        bar = st.progress(0.0, text)
        st.button("Stop", on_click=stop, key=key, icon=":material/stop_circle:")

        def progress(share: float) -> None:
            bar.progress(min(share, 1.0), f"{text}, {min(share, 1.0):.0%}")

        result = compute(progress)
    place.empty()
    return result


def stop() -> None:
    """Cancel a slow method: the rerun that this callback starts interrupts the computation."""
    session().choice.method = "gradcam"


def ranked(
    case: Case, explanation: Explanation, key: str, parts: Literal["controls", "picture"] = "picture"
) -> None:
    """Show a map by rank over its film, or the controls of all ranked maps.

    Ranks compare maps with different units. The map is not muted below the operating point.
    """
    viewer(
        case.radiograph,
        key=f"ranked {parts} {key}",
        case=replace(
            case, explanations=(by_rank(explanation),), prediction=case.prediction.at_threshold(0.0)
        ),
        finding=explanation.finding,
        scale=1.0,
        linked="ranked",
        parts=parts,
        sync_drawing=parts == "controls",
        height=340,
    )


def by_rank(explanation: Explanation) -> Explanation:
    """Replace the values (h, w) of a map by ranks in [-1, 1]: 0 for the median, 1 for the highest."""
    values = explanation.raw_map
    ranks = rankdata(values.ravel()).reshape(values.shape) / values.size
    return replace(explanation, raw_map=(2 * ranks - 1).astype(np.float32))
