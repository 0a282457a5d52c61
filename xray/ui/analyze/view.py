"""One Case on the page: bars, the film with its heatmap, downloads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath

import streamlit as st

from xray.explain import METHODS
from xray.io.encode import case_json, npy, png
from xray.render.overlay import Drawing, colors, draw, evidence, scale_of
from xray.types import Case, Radiograph
from xray.ui.analyze.trust_card import trust_card
from xray.ui.common.charts import FEW, answered, confidence_bars, sentence
from xray.ui.common.links import asked, link, tell
from xray.ui.common.maps import explained
from xray.ui.common.text import literal
from xray.ui.viewer import viewer

OWN = "Model's own"
COMMON = {"0.4 for all": 0.4}  # the operating point of an earlier system


@st.fragment
def results(case: Case) -> None:
    """Everything below the thumbnails; a display control reruns this alone, and never the model."""
    what_to_know(case)
    bars, picture = st.columns([4, 9], gap="medium")
    with bars:
        case = at_chosen_points(case)
        finding = findings_panel(case)
        case = explained(case, finding)
    with picture:
        simulated = " :gray-badge[simulated]" if case.radiograph.simulated else ""
        st.markdown(f"**Where the model looked for {finding}**{simulated}")
        viewed = viewer(
            case.radiograph, key="analyze", case=case, finding=finding, tools=("rectangle",), marking=False
        )
        drawing = viewed.drawing
        heatmap_state(case, finding, drawing)
        st.caption(described(case.radiograph))
    downloads(case, finding, drawing)
    trust_card(case, finding, tuple(region.box for region in viewed.regions))


def at_chosen_points(case: Case) -> Case:
    """The Case at the operating points chosen: the model's own, or one for all where there are many."""
    said = case.prediction
    if len(said.findings) <= FEW or said.absent is None:
        return case
    chosen = st.segmented_control(
        "Operating points", [OWN, *COMMON], default=OWN, required=True, key=f"points:{said.model_id}"
    )
    return case if chosen == OWN else replace(case, prediction=said.at_threshold(COMMON[chosen]))


def what_to_know(case: Case) -> None:
    """What marks everything below: a film analyzed against advice, a model that stands in, the organ."""
    if not case.gate.accepted:
        st.warning(
            f"Analyzed although the input gate refused it: {literal(case.gate.reason)} "
            "Treat these values as unreliable.",
            icon=":material/front_hand:",
        )
    elif case.gate.reason:
        st.caption(literal(case.gate.reason))
    if case.fallback:
        st.info(literal(case.fallback), icon=":material/alt_route:")
    if case.organ:
        st.markdown(f"Organ view: **{case.organ}**")


def findings_panel(case: Case) -> str:
    """Confidence bars, the same as text, and the choice of the finding to look at."""
    said = case.prediction
    sentences = [sentence(said, finding) for finding in said.findings]
    st.markdown(
        "**What the model says**",
        help="The white line on a bar is the finding's operating point; the whisker is the interval in which "
        "the probability moves when the film is changed a little.",
    )
    st.plotly_chart(
        confidence_bars(said), config={"displayModeBar": False}, alt="; ".join(sentences), key="bars"
    )
    key = f"finding:{said.model_id}:{case.radiograph.sha256}"
    first = asked("finding", case.radiograph, said.findings, said.most_likely)
    if len(said.findings) <= FEW:
        finding = st.segmented_control(
            "Finding to explain", said.findings, default=first, required=True, key=key
        )
    else:
        finding = st.selectbox("Finding to explain", said.findings, said.findings.index(first), key=key)
    tell("finding", finding)
    st.markdown(sentence(said, finding) + ".")
    if said.present is not None:
        st.caption(answered(said, finding))
    with st.expander("All values as text"):
        st.table(
            {
                "Finding": list(said.findings),
                "Probability": [f"{value:.2%}" for value in said.probabilities],
                "Interval": [f"{low:.1%} to {high:.1%}" for low, high in said.bounds],
                "Answer": [said.answer(finding) for finding in said.findings],
                "Operating point": [f"{value:.2%}" for value in said.thresholds],
                "Logit": [f"{value:+.3f}" for value in said.logits],
            }
        )
    return finding


def heatmap_state(case: Case, finding: str, drawing: Drawing) -> None:
    """What the map's values mean, and what it does not show."""
    explanation = case.explanation(finding)
    if not explanation.has_positive_evidence:
        st.markdown(f":material/visibility_off: No positive evidence for {finding} in this film.")
        if not drawing.negative:
            return
    scale = scale_of(case, finding, own=drawing.own_scale, negative=drawing.negative)
    low = f"-{scale:.3g}" if drawing.negative else "0"
    made = METHODS[explanation.method]
    st.caption(
        f"{made.title} at `{explanation.layer}`: {made.values}. Colors from {low} to {scale:.3g}; "
        f"this map's highest value is {explanation.raw_max:.3g}."
    )
    if not case.prediction.at_operating_point(finding):
        st.markdown(":material/contrast: Below the operating point: map muted.")


def described(radiograph: Radiograph) -> str:
    height, width = radiograph.pixels.shape
    facts = [literal(radiograph.name), f"{width} × {height} px", f"{radiograph.bit_depth} bit"]
    if radiograph.spacing_mm:
        facts.append("{:.3g} × {:.3g} mm per pixel".format(*radiograph.spacing_mm[::-1]))
    if radiograph.view:
        facts.append(radiograph.view)
    return " · ".join(facts) + "".join(f"  \n{literal(note)}" for note in radiograph.notes)


def downloads(case: Case, finding: str, drawing: Drawing) -> None:
    """Files at source resolution, made when asked for."""
    explanation = case.explanation(finding)
    stem = PurePath(case.radiograph.name).stem
    finding_slug = finding.lower().replace(" ", "-")

    def overlay() -> bytes:
        return png(draw(case, finding, drawing), case, finding)

    def heatmap() -> bytes:
        return png(colors(evidence(case, finding, drawing), drawing.colormap), case, finding)

    def raw_map() -> bytes:
        return npy(explanation.raw_map)

    def whole_case() -> str:
        return case_json(case)

    files: tuple[tuple[str, Callable[[], bytes | str], str, str], ...] = (
        ("Overlay (PNG)", overlay, f"{stem}-{finding_slug}-overlay.png", "image/png"),
        ("Heatmap (PNG)", heatmap, f"{stem}-{finding_slug}-heatmap.png", "image/png"),
        ("Raw map (NPY)", raw_map, f"{stem}-{finding_slug}-raw.npy", "application/octet-stream"),
        ("Case (JSON)", whole_case, f"{stem}.json", "application/json"),
    )
    with st.container(horizontal=True):
        for label, data, name, mime in files:
            st.download_button(
                label, data, name, mime, on_click="ignore", icon=":material/download:", key=label
            )
        link()
