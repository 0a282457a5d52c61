"""Choosing how a finding is explained; maps are made once per session, slow ones with progress."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from xray.explain import METHODS, Method, explain
from xray.explain.registry import Cost
from xray.models.classifier import Classifier
from xray.models.ensemble import Ensemble, model_of
from xray.types import Case, Explanation
from xray.ui.common.links import asked, tell
from xray.ui.session import session

COSTS: tuple[Cost, ...] = ("one pass", "tens of passes", "hundreds of passes")


def ordered(model: Classifier | Ensemble) -> tuple[list[str], list[str]]:
    """The methods that fit a model, the quickest first; and a sentence for each that does not."""
    refusals = {name: one.refusal(model) for name, one in METHODS.items()}
    fitting = sorted(
        (name for name, refusal in refusals.items() if not refusal),
        key=lambda name: (name != "gradcam", COSTS.index(METHODS[name].cost), METHODS[name].title),
    )
    return fitting, [f"{METHODS[name].title}: {why}" for name, why in refusals.items() if why]


def chosen_method(case: Case) -> Method:
    """The method chosen among those that fit the model; the others are named, with why they do not."""
    fitting, unfit = ordered(model_of(case.prediction))
    name = st.selectbox(
        "Method",
        fitting,
        fitting.index(asked("method", case.radiograph, fitting, fitting[0])),
        format_func=lambda name: f"{METHODS[name].title} · {METHODS[name].cost}",
        key=f"method:{case.prediction.model_id}",
        help="How the map is made." + "".join(f"\n- Not offered: {one}" for one in unfit),
    )
    tell("method", name)
    return METHODS[name]


def explained(case: Case, finding: str) -> Case:
    """The Case with the maps of the chosen method: of all findings in one pass, else of the one looked at."""
    method = chosen_method(case)
    if method.name == case.explanations[0].method:
        return case
    findings = case.prediction.findings if method.explains_all else (finding,)
    return replace(case, explanations=maps_of(case, method, findings))


def maps_of(case: Case, method: Method, findings: tuple[str, ...]) -> tuple[Explanation, ...]:
    """The maps of some findings, from what this session has made already or anew."""
    kept = session().maps
    film = case.radiograph
    key = (film.sha256, film.name, case.prediction.model_id, method.name, findings)
    if key not in kept:
        model = model_of(case.prediction)
        if method.explains_all:
            kept[key] = explain(model, film, method, findings)[1]
        else:
            place = st.empty()
            with place.container():
                bar = st.progress(0.0, f"{method.title}: {method.cost} through the network …")
                st.button("Stop", on_click=stop, args=(case.prediction.model_id,), key="stop map")

                def tell(share: float) -> None:
                    bar.progress(share)

                kept[key] = explain(model, film, method, findings, tell)[1]
            place.empty()
    return kept[key]


def stop(model_id: str) -> None:
    """Give up a slow method; asking for anything ends the run that is making its map."""
    st.session_state[f"method:{model_id}"] = "gradcam"
