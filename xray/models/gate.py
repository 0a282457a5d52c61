"""The input gate: whether a film is one that a model was made for, and lies as that model expects it."""

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
UPRIGHT = ("chest",)  # regions that are shown one way up; limbs and joints are taken at any angle
NO_XRAY = ("head CT slice", NOT_XRAY)  # nothing is known of how these lie

CONFIDENT = 10.0  # another region is told when the others are together so many times as likely as the own
SHORTEST_SIDE = 48  # teaching films of 64 px are read; below this a lung is a smudge
LOWEST_CONTRAST = 0.05  # between the 0.5th and the 99.5th percentile, of the whole range from black to white
FEWEST_GRAYS = 8  # of 256; a film has 70 and more, a scanned page or a mask has two
MOST_OF_ONE_GRAY = 0.97
PAPER = 0.75  # share of bright pixels from which a picture may be a page
SOFT_TISSUE = 0.01  # share of soft middle grays; films of 128 px and more have 0.03 and more, pages 0.005

REFUSALS: dict[GateKind, tuple[str, str]] = {
    "too small": (
        "This film is only {columns} x {rows} px.",
        f"Give it with at least {SHORTEST_SIDE} px on its short side, or analyze anyway.",
    ),
    "low contrast": (
        "This film has hardly any contrast.",
        "Export it again with its gray values spread out, or analyze anyway.",
    ),
    "not an X-ray": (
        "This does not look like a radiograph.",
        "Give the film itself, not a page, a screen, a photograph or another scan, or analyze anyway.",
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


def judge(radiograph: Radiograph, entry: ModelEntry) -> GateResult:
    """Whether a model should be asked of a film: cheap rules on its pixels first, then the gate's network.

    Where the network cannot be had the pixels alone decide, and the reason of an accepted film says so. A
    simulated film is drawn by our own code: that it is no X-ray, or of another region, is never said of it;
    all other rules hold.
    """
    kind, seen = kind_by_pixels(radiograph.pixels, simulated=radiograph.simulated), ""
    if kind == "accepted":
        try:
            gate = load_classifier(GATE)
        except ModelUnavailable as error:
            note = f"Only size and contrast were checked. {error.message}"
            return GateResult(True, note, f"Make the gate: python -m xray train {GATE}.", kind)
        said = gate.probabilities(gate.logits(radiograph))[0].tolist()
        kind, seen = kind_by_network(
            dict(zip(gate.entry.findings, said, strict=True)),
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
    """What size, contrast and gray levels alone say of a film (H, W); large films are judged on a grid."""
    if min(pixels.shape) < SHORTEST_SIDE:
        return "too small"
    step = max(1, min(pixels.shape) // 512)
    some = pixels[::step, ::step]
    low, high = np.quantile(some, (0.005, 0.995))
    counts = np.bincount(np.rint(some * 255).astype(np.uint8).ravel(), minlength=256)
    if high - low < LOWEST_CONTRAST or counts.max() > MOST_OF_ONE_GRAY * some.size:
        return "low contrast"
    few_grays = np.count_nonzero(counts) < FEWEST_GRAYS
    if (few_grays or _is_ink_on_paper(pixels, float(low), float(high))) and not simulated:
        return "not an X-ray"
    return "accepted"


def _is_ink_on_paper(pixels: Pixels, low: float, high: float) -> bool:
    """Whether a picture is bright nearly everywhere and all its middle grays lie on edges, as in print."""
    bright, dark = high - 0.2 * (high - low), low + 0.2 * (high - low)
    if (pixels >= bright).mean() < PAPER:
        return False
    steepness = cv2.morphologyEx(pixels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    soft = (pixels > dark) & (pixels < bright) & (steepness < 0.2 * (high - low))
    return bool(soft.mean() < SOFT_TISSUE)


def kind_by_network(
    said: Mapping[str, float],
    operating: Mapping[str, float],
    regions: tuple[str, ...],
    *,
    simulated: bool = False,
) -> tuple[GateKind, str]:
    """The first rule that speaks, and the region that is likeliest.

    said, operating: calibrated probability and operating point of every finding of the gate. regions: those
    of the model that is to be asked; with none, or none that the gate knows, every region is its own.
    """
    shown = [name for name in said if name not in POSES]
    own = [name for name in shown if name in regions] or [name for name in shown if name != NOT_XRAY]
    others = [name for name in shown if name not in own]
    seen, stranger = max(shown, key=said.__getitem__), max(others, key=said.__getitem__)
    outweighed = sum(said[name] for name in others) >= CONFIDENT * sum(said[name] for name in own)

    def reached(finding: str) -> bool:
        return said[finding] >= operating[finding]

    rules: tuple[tuple[GateKind, bool], ...] = (
        (
            NOT_XRAY if stranger == NOT_XRAY else "another region",
            reached(stranger) and outweighed and not simulated,
        ),
        (SIDEWAYS, reached(SIDEWAYS) and seen in UPRIGHT),
        (UPSIDE_DOWN, reached(UPSIDE_DOWN) and seen in UPRIGHT),
        (INVERTED, reached(INVERTED) and seen not in NO_XRAY),
    )
    return next((kind for kind, speaks in rules if speaks), "accepted"), seen


def with_article(name: str) -> str:
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"
