"""Sentences that explain the result of a film: the reference, and where the model looked."""

from __future__ import annotations

import numpy as np

from xray.learn.scores import Reference, filled, inside
from xray.report.image_regions import in_words, in_zone, region
from xray.types import Case


def why_reference(reference: Reference) -> str:
    """State the source of a reference and how certain it is."""
    return f"{reference.known_by} {reference.certainty}".strip()


def where_the_model_looked(case: Case, finding: str, reference: Reference) -> str:
    """State where the map of a finding is highest and, if the location is known, how much of it lies there.

    Raises:
        InvalidRequest: If the Case has no map of the finding.
    """
    explanation = case.explanation(finding)
    if not explanation.has_positive_evidence:
        return f"The map has no positive evidence for {finding}, so it shows no place."
    if case.lungs and case.lungs.determined:
        place = in_zone(case.lungs.zone_at(*explanation.peak))
    else:
        place = f"in {in_words(region(*explanation.peak, case.radiograph.pixels.shape))}"
    if not reference.has_place:
        return f"The map is highest {place}."
    heat = np.maximum(explanation.heatmap(), 0)
    share = float(heat[filled(reference.boxes, heat.shape)].sum() / heat.sum())
    side = "inside" if inside(explanation.peak, reference.boxes) else "outside"
    return (
        f"The map is highest {place}, {side} the reference; {share:.0%} of its positive evidence lies inside."
    )
