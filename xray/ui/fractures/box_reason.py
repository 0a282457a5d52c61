"""The chosen box on the page: enlarged, with its map and the evidence for that map."""

from __future__ import annotations

import numpy as np
import streamlit as st

from xray.evidence.box_evidence import BoxEvidence, box_evidence, randomized_detector
from xray.explain.boxes import box_maps, eigen_map
from xray.models.classifier import load_classifier
from xray.render.boxes import enlarged
from xray.render.overlay import RGB, Drawing, overlay, strength, windowed
from xray.types import Case, Detections, Explanation, Pixels, Radiograph
from xray.ui.session import session


def reason(case: Case, box: Detections, number: int) -> None:
    """Show the chosen box (n = 1) enlarged, the map of its score, and what was measured."""
    pictures, caption, measured = box_explanation(case.radiograph, box)
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
    for sentence in measured:
        st.markdown(sentence)


def heat(film: Pixels, explanation: Explanation) -> RGB:
    """Draw a map over its film, scaled to its maximum."""
    return overlay(film, strength(explanation.heatmap(), explanation.raw_max), Drawing())


def sentences(evidence: BoxEvidence) -> tuple[str, ...]:
    """State each measurement next to its value for random boxes or random weights."""
    chance = f"random boxes of the same size contain {evidence.random_mean:.0%} on average"
    covered, control = f"{evidence.score_covered:.3f}", f"{evidence.score_control:.3f}"
    changed = f"{covered} when the box is covered and {control} when an equal area elsewhere is covered"
    return (
        f"**Is the evidence inside the box?** {evidence.inside:.0%} of the positive evidence lies inside it; "
        f"{chance}, and {evidence.random_below:.0%} of them contain less than this box. Of Eigen-CAM's "
        f"evidence, {evidence.eigencam:.0%} lies inside.",
        f"**Does the map depend on the trained weights?** Its correlation with the map of the network with "
        f"random weights is {evidence.correlation:.2f}; 1 means identical maps. Of the positive evidence "
        f"of that map, {evidence.randomized:.0%} lies inside the box too: a map is near its box by "
        "construction, so the next measurement is more informative.",
        f"**Does the score depend on the pixels in the box?** The score of {evidence.score:.3f} becomes "
        f"{changed}.",
    )


def box_explanation(radiograph: Radiograph, box: Detections) -> tuple[list[RGB], str, tuple[str, ...]]:
    """Pictures of the box, its map and Eigen-CAM, their caption, and the measurements; once per session."""
    kept = session().box_reasons
    key = (radiograph.sha256, box.model_id, int(box.anchor[0]))
    if key not in kept:
        with st.spinner("Explaining the box …"):
            detector = load_classifier(box.model_id)
            box_map, eigen = box_maps(detector, radiograph, box)[0], eigen_map(detector, radiograph)
            randomized = box_maps(randomized_detector(detector), radiograph, box)[0]
            evidence = box_evidence(detector, radiograph, box, box_map, eigen, randomized)
            pictures = (
                np.dstack([windowed(radiograph.pixels)] * 3),
                heat(radiograph.pixels, box_map),
                heat(radiograph.pixels, eigen),
            )
            caption = (
                f"Gradient times activation of the score and sides of this box at `{box_map.layer}`, raw "
                f"values up to {box_map.raw_max:.3g}. Eigen-CAM does not depend on the box: it shows the "
                f"first principal component of the activations at `{eigen.layer}`."
            )
            kept[key] = [enlarged(picture, box.xyxy[0]) for picture in pictures], caption, sentences(evidence)
    return kept[key]
