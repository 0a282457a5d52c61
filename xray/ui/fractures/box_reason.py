"""The reason for the chosen box on the page: it enlarged, its map, and whether the map can be believed."""

from __future__ import annotations

import numpy as np
import streamlit as st

from xray.evidence.box_evidence import BoxEvidence, box_evidence, randomized_detector
from xray.explain.boxes import box_maps, eigen_map
from xray.models.classifier import load_classifier
from xray.render.boxes import enlarged
from xray.render.overlay import RGB, Drawing, overlay, strength
from xray.types import Case, Detections, Explanation, Pixels, Radiograph
from xray.ui.common.pictures import film_picture
from xray.ui.session import session


def reason(case: Case, box: Detections, number: int) -> None:
    """The chosen box (n = 1) enlarged, beside it where the score of this very box comes from."""
    pictures, caption, told = asked(case.radiograph, box)
    titles = (
        (f"Box {number}, enlarged", f"Box {number} enlarged"),
        ("Where its score comes from", f"Map of box {number}"),
        ("Eigen-CAM, for comparison", f"Eigen-CAM at box {number}"),
    )
    for column, (title, alt), picture in zip(st.columns(3, gap="medium"), titles, pictures, strict=True):
        with column:
            st.markdown(f"**{title}**")
            st.image(picture, width="stretch", output_format="PNG", alt=alt)
    st.caption(caption)
    for sentence in told:
        st.markdown(sentence)


def heat(film: Pixels, explanation: Explanation) -> RGB:
    return overlay(film, strength(explanation.heatmap(), explanation.raw_max), Drawing())


def sentences(evidence: BoxEvidence) -> tuple[str, ...]:
    """What was measured, beside what chance gives."""
    chance = f"inside random boxes of its size {evidence.random_mean:.0%} on average"
    covered, control = f"{evidence.score_covered:.0%}", f"{evidence.score_control:.0%}"
    changed = f"{covered} when the box is covered, {control} when as much is elsewhere"
    return (
        f"**Is the reason in the box?** {evidence.inside:.0%} of the positive evidence lies inside it; "
        f"{chance}, less than here in {evidence.random_below:.0%} of them; of Eigen-CAM's, "
        f"{evidence.eigencam:.0%}.",
        f"**Was it learned?** The map of the same network with random weights correlates with this one by "
        f"{evidence.correlation:.2f}, where 1 would be the same map. Of its positive evidence "
        f"{evidence.randomized:.0%} lies in the box too: a map is near its box by construction, so the "
        "next line counts for more.",
        f"**Does the box need what it shows?** Its score of {evidence.score:.0%} becomes {changed}.",
    )


def asked(radiograph: Radiograph, box: Detections) -> tuple[list[RGB], str, tuple[str, ...]]:
    """The box, its map and Eigen-CAM as pictures, what they are, and what was measured; once per session."""
    kept = session().box_reasons
    key = (radiograph.sha256, box.model_id, int(box.anchor[0]))
    if key not in kept:
        with st.spinner("Asking for the reason …"):
            detector = load_classifier(box.model_id)
            own_map, eigen = box_maps(detector, radiograph, box)[0], eigen_map(detector, radiograph)
            randomized = box_maps(randomized_detector(detector), radiograph, box)[0]
            evidence = box_evidence(detector, radiograph, box, own_map, eigen, randomized)
            pictures = (
                np.dstack([film_picture(radiograph)] * 3),
                heat(radiograph.pixels, own_map),
                heat(radiograph.pixels, eigen),
            )
            caption = (
                f"Gradient times activation of this box's own score and sides at `{own_map.layer}`, raw "
                f"values up to {own_map.raw_max:.3g}. Eigen-CAM asks for no box: it shows what stands out at "
                f"`{eigen.layer}`."
            )
            kept[key] = [enlarged(one, box.xyxy[0]) for one in pictures], caption, sentences(evidence)
    return kept[key]
