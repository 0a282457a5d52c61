"""The input gate: whether a film shows a region that the model supports, in the expected orientation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np

from xray.errors import ModelUnavailable
from xray.models.classifier import load_classifier
from xray.models.registry import ModelEntry
from xray.types import GateKind, GateResult, Pixels, Radiograph

GATE = "gate-mobilenet"
NOT_XRAY: Final = "not an X-ray"
SIDEWAYS: Final = "sideways"
UPSIDE_DOWN: Final = "upside down"
INVERTED: Final = "inverted"
POSES = (SIDEWAYS, UPSIDE_DOWN, INVERTED)
UPRIGHT = ("chest",)  # regions with a fixed orientation; limbs and joints are taken at any angle
NO_XRAY = ("head CT slice", NOT_XRAY)  # without a known orientation

CONFIDENT = 10.0  # ratio of the other regions' probability to the model's from which a film is refused
SHORTEST_SIDE = 48  # px; teaching films have 64 px
LOWEST_CONTRAST = 0.05  # between the 0.5th and the 99.5th percentile, of the whole range from black to white
FEWEST_GRAYS = 8  # of 256; films have 70 or more, scanned pages and masks two
MOST_OF_ONE_GRAY = 0.97
PAPER = 0.75  # share of bright pixels from which a picture may be a page
SOFT_TISSUE = 0.01  # share of soft middle grays; films of 128 px and more have 0.03 and more, pages 0.005

REFUSALS: dict[GateKind, tuple[str, str]] = {
    "too small": (
        "This film is only {columns} x {rows} px.",
        f"Use a film with at least {SHORTEST_SIDE} px on its short side, or analyze anyway.",
    ),
    "low contrast": (
        "This film has hardly any contrast.",
        "Export it again with a suitable window, or analyze anyway.",
    ),
    "not an X-ray": (
        "This does not look like a radiograph.",
        "Use the radiograph itself, not a page, a photograph or another scan, or analyze anyway.",
    ),
    "another region": (
        "This looks like {seen}; {title} was trained on {regions} films.",
        "Choose a model for this region, or analyze anyway.",
    ),
    "sideways": ("This film seems to lie on its side.", "Turn it upright, or analyze anyway."),
    "upside down": ("This film seems to be upside down.", "Turn it by 180 degrees, or analyze anyway."),
    "inverted": (
        "This film seems to be inverted: dense tissue is dark.",
        "Invert its gray values, so that bright is dense, or analyze anyway.",
    ),
}


def check_input(radiograph: Radiograph, entry: ModelEntry) -> GateResult:
    """Check whether a film is suitable for a model: rules on its pixels first, then the gate's network.

    If the network cannot be loaded, only the rules apply, and the result says so. A simulated film is never
    refused as no X-ray or as another region.

    Args:
        radiograph: The film.
        entry: Registry entry of the model.
    """
    kind, seen = kind_by_pixels(radiograph.pixels, simulated=radiograph.simulated), ""
    if kind == "accepted":
        try:
            gate = load_classifier(GATE)
        except ModelUnavailable as error:
            note = f"Only size and contrast were checked. {error.message}"
            return GateResult(True, note, f"Make the gate: python -m xray train {GATE}.", kind)
        probabilities = gate.probabilities(gate.logits(radiograph))[0].tolist()
        kind, seen = kind_by_network(
            dict(zip(gate.entry.findings, probabilities, strict=True)),
            dict(zip(gate.entry.findings, gate.entry.thresholds, strict=True)),
            entry.regions,
            simulated=radiograph.simulated,
        )
    if kind == "accepted":
        return GateResult(True, "", "", kind)
    reason, hint = REFUSALS[kind]
    rows, columns = radiograph.pixels.shape
    facts = {"rows": rows, "columns": columns, "title": entry.title, "regions": " or ".join(entry.regions)}
    return GateResult(False, reason.format(seen=with_article(seen), **facts), hint, kind)


def kind_by_pixels(pixels: Pixels, *, simulated: bool = False) -> GateKind:
    """Check size, contrast and gray levels of a film (H, W); of large films every n-th pixel is used."""
    if min(pixels.shape) < SHORTEST_SIDE:
        return "too small"
    step = max(1, min(pixels.shape) // 512)
    sample = pixels[::step, ::step]
    low, high = np.quantile(sample, (0.005, 0.995))
    counts = np.bincount(np.rint(sample * 255).astype(np.uint8).ravel(), minlength=256)
    if high - low < LOWEST_CONTRAST or counts.max() > MOST_OF_ONE_GRAY * sample.size:
        return "low contrast"
    few_grays = np.count_nonzero(counts) < FEWEST_GRAYS
    if (few_grays or _is_ink_on_paper(pixels, float(low), float(high))) and not simulated:
        return "not an X-ray"
    return "accepted"


def _is_ink_on_paper(pixels: Pixels, low: float, high: float) -> bool:
    """Whether a picture is mostly bright and its middle grays lie on edges, as in print."""
    bright, dark = high - 0.2 * (high - low), low + 0.2 * (high - low)
    if (pixels >= bright).mean() < PAPER:
        return False
    steepness = cv2.morphologyEx(pixels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    soft = (pixels > dark) & (pixels < bright) & (steepness < 0.2 * (high - low))
    return bool(soft.mean() < SOFT_TISSUE)


def kind_by_network(
    probabilities: Mapping[str, float],
    thresholds: Mapping[str, float],
    regions: tuple[str, ...],
    *,
    simulated: bool = False,
) -> tuple[GateKind, str]:
    """Apply the rules on the output of the gate's network.

    Args:
        probabilities: Calibrated probability of every finding of the gate.
        thresholds: Operating point of every finding of the gate.
        regions: Regions of the model; if the gate recognizes none of them, all regions are accepted.
        simulated: Whether the film is simulated.

    Returns:
        The kind of the first rule that applies, and the most likely region.
    """
    shown = [name for name in probabilities if name not in POSES]
    accepted = [name for name in shown if name in regions] or [name for name in shown if name != NOT_XRAY]
    others = [name for name in shown if name not in accepted]
    most_likely = max(shown, key=probabilities.__getitem__)
    other = max(others, key=probabilities.__getitem__)
    total = sum(probabilities[name] for name in others)
    outweighed = total >= CONFIDENT * sum(probabilities[name] for name in accepted)

    def reached(finding: str) -> bool:
        return probabilities[finding] >= thresholds[finding]

    rules: tuple[tuple[GateKind, bool], ...] = (
        (
            NOT_XRAY if other == NOT_XRAY else "another region",
            reached(other) and outweighed and not simulated,
        ),
        (SIDEWAYS, reached(SIDEWAYS) and most_likely in UPRIGHT),
        (UPSIDE_DOWN, reached(UPSIDE_DOWN) and most_likely in UPRIGHT),
        (INVERTED, reached(INVERTED) and most_likely not in NO_XRAY),
    )
    return next((kind for kind, applies in rules if applies), "accepted"), most_likely


def with_article(name: str) -> str:
    """Put the indefinite article before a name."""
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"
