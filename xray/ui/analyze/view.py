"""The Analyze page: the film with its heatmap, the panel beside it, and the trust card."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath

import streamlit as st

from xray.explain import METHODS
from xray.io.encode import case_json, npy, png
from xray.render.overlay import Drawing, colors, draw, evidence, scale_of
from xray.types import Case
from xray.types.answer import percent, percent_range
from xray.ui.analyze.map_display import DISPLAYS, HEATMAP, MapDisplay, choose_display, map_display
from xray.ui.analyze.neighbors import similar_films
from xray.ui.analyze.trust_card import check_button, trust_card
from xray.ui.analyze.zones import zone_table
from xray.ui.choice import MODEL_POINTS, SHARED_POINTS
from xray.ui.common.answer import show_answer
from xray.ui.common.cases import at_chosen_points, case_notices, chosen_finding, has_points, linked_finding
from xray.ui.common.charts import PLAIN, clicked_point
from xray.ui.common.confidence import FEW, answered, bar_order, confidence_bars, sentence
from xray.ui.common.downloads import File, download_menu
from xray.ui.common.escaping import literal
from xray.ui.common.films import film_facts
from xray.ui.common.keeping import seen_before
from xray.ui.common.maps import explained
from xray.ui.common.messages import fragment
from xray.ui.common.waiting import COLUMNS
from xray.ui.pacs.sending import send_button
from xray.ui.session import session
from xray.ui.viewer import current_drawing, viewer

BARS = (
    "Called findings come first. The line marks the operating point of the finding; the whisker shows the "
    "interval of the probability under small changes of the film. Click a bar to explain its finding."
)
SCALED = (
    "The bars are scaled so that all operating points are in the middle: a bar that reaches it belongs to a "
    "called finding. The percentages are probabilities."
)


@fragment
def results(case: Case) -> None:
    """Show the film and the panel beside it. A display control reruns this fragment only, not the model."""
    left, right = st.columns(COLUMNS, gap="small")
    film, panel = left.container(key="film", gap="xsmall"), right.container(key="panel", gap="small")
    waiting = film.empty()
    with panel:
        statement = st.container(gap="xsmall")
        actions = st.container(horizontal=True, gap="xsmall", vertical_alignment="center")
        chart, choices, values = st.container(gap=None), st.container(gap="small"), st.container()
        with values.expander("All values"):
            case = with_points_panel(case)
            value_table(case)
        with chart:
            prediction_bars(case)
        with choices:
            finding = finding_panel(case)
            case = explained(case, finding, waiting)
        with statement:
            show_answer(case.answer, simulated=case.radiograph.simulated)
            beside = st.empty()
            case_notices(case)
            seen_before(case)
    with film:
        drawing = current_drawing()
        display = map_display(case, finding, waiting, drawing.threshold)
        regions = viewer(
            case.radiograph,
            key="analyze",
            case=display.case,
            finding=finding,
            tools=("rectangle",),
            marking=False,
            scale=display.scale,
            contours=display.contours,
            displays=DISPLAYS,
            display=display.name,
            on_display=partial(choose_display, case),
            height=None,
        ).regions
    with actions:
        requested = check_button()
        downloads(case, finding, drawing, display)
    st.markdown(f"**Where the model looked for {literal(finding)}**")
    if display.caption:
        st.caption(display.caption)
    else:
        heatmap_state(case, finding, drawing)
    zone_table(case, finding)
    similar_films(case, finding)
    st.caption(film_facts(case.radiograph))
    trust_card(case, finding, tuple(region.box for region in regions), beside, requested=requested)


def with_points_panel(case: Case) -> Case:
    """Show the choice of operating points, if the model offers one; return the Case at the chosen ones."""
    if has_points(case.prediction):
        choice, key = session().choice, f"points:{case.prediction.model_id}"

        def choose() -> None:
            choice.points = st.session_state[key]

        st.session_state[key] = choice.points
        st.segmented_control(
            "Operating points",
            [MODEL_POINTS, *SHARED_POINTS],
            required=True,
            key=key,
            on_change=choose,
            help="The probability from which a finding is called, on all pages.",
        )
    return at_chosen_points(case)


def prediction_bars(case: Case) -> None:
    """Show the confidence bars of the findings; a click on a bar chooses its finding."""
    prediction, chosen, film = case.prediction, linked_finding(case), case.radiograph.sha256
    names = bar_order(prediction)
    key = f"bars:{prediction.model_id}:{film}:{chosen}"  # no bar is selected in a new chart

    def choose() -> None:
        if point := clicked_point(key):
            session().choice.findings[film] = names[point["point_index"]]

    st.markdown("**Model predictions**", help=BARS if len(names) <= FEW else f"{BARS} {SCALED}")
    st.plotly_chart(
        confidence_bars(prediction, chosen),
        config=PLAIN,
        alt="; ".join(sentence(prediction, finding) for finding in names),
        key=key,
        on_select=choose,
        selection_mode="points",
    )


def finding_panel(case: Case) -> str:
    """Return the finding chosen to be explained, and describe its prediction."""
    prediction, finding = case.prediction, chosen_finding(case, "finding", "Finding to explain")
    described = literal(sentence(prediction, finding) + ".")
    if prediction.present is not None:
        described += f" :gray[{literal(answered(prediction, finding))}]"
    st.markdown(described)
    return finding


def value_table(case: Case) -> None:
    """Show the values of all findings as text."""
    prediction = case.prediction
    st.table(
        {
            "Finding": list(map(literal, prediction.findings)),
            "Probability": [*map(percent, prediction.probabilities)],
            "Interval": [percent_range(low, high) for low, high in prediction.bounds],
            "Answer": [literal(prediction.answer(finding)) for finding in prediction.findings],
            "Operating point": [*map(percent, prediction.thresholds)],
            "Logit (not calibrated)": [f"{value:+.3f}" for value in prediction.logits],
        }
    )


def heatmap_state(case: Case, finding: str, drawing: Drawing) -> None:
    """State the unit and scale of the map, and whether it has positive evidence."""
    explanation = case.explanation(finding)
    if not explanation.has_positive_evidence:
        st.markdown(f":material/visibility_off: No positive evidence for {literal(finding)} in this film.")
        if not drawing.negative:
            return
    scale = scale_of(case, finding, per_map=drawing.own_scale, negative=drawing.negative)
    low = f"-{scale:.3g}" if drawing.negative else "0"
    method = METHODS[explanation.method]
    st.caption(
        f"{method.title} at {literal(explanation.layer)}: {method.values}. Colors from {low} to {scale:.3g}; "
        f"the highest value of this map is {explanation.raw_max:.3g}."
    )
    if not case.prediction.at_operating_point(finding):
        st.markdown(":material/contrast: Below the operating point: the map is muted.")


def downloads(case: Case, finding: str, drawing: Drawing, display: MapDisplay) -> None:
    """Offer files of what is shown, at source resolution, and the Case; computed on request."""
    shown, scale = display.case, display.scale
    stem = PurePath(case.radiograph.name).stem
    finding_slug = finding.lower().replace(" ", "-")
    if display.name != HEATMAP:
        finding_slug += f"-{display.name.lower()}"

    def overlay() -> bytes:
        return png(draw(shown, finding, drawing, scale, display.contours), shown, finding)

    def heatmap() -> bytes:
        values = evidence(shown, finding, drawing, scale=scale)
        return png(colors(values, drawing.colormap), shown, finding)

    def raw_map() -> bytes:
        return npy(display.values)

    def whole_case() -> str:
        return case_json(case)

    def dicom() -> bytes:
        from xray.bundle.exports import dicom_zip  # highdicom; the page shows before it is imported

        return dicom_zip(case, finding)

    files: tuple[File, ...] = (
        ("Overlay (PNG)", overlay, f"{stem}-{finding_slug}-overlay.png", "image/png"),
        ("Heatmap (PNG)", heatmap, f"{stem}-{finding_slug}-heatmap.png", "image/png"),
        ("Raw map (NPY)", raw_map, f"{stem}-{finding_slug}-raw.npy", "application/octet-stream"),
        ("Case (JSON)", whole_case, f"{stem}.json", "application/json"),
        ("DICOM (ZIP)", dicom, f"{stem}-{finding_slug}-dicom.zip", "application/zip"),
    )
    download_menu(files)
    send_button(case, finding)
