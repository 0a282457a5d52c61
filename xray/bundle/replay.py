"""Replay of bundles: recompute the Case and compare it with the one in the bundle."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pydantic import ValidationError

from xray.bundle.write import CASE, MANIFEST, PIXELS, Manifest, map_name, versions, weights_of
from xray.errors import RefusedArchive, UnreadableImage, UnusableBundle
from xray.io.archive import entries, is_archive
from xray.io.decode import DAMAGE
from xray.io.encode import case_facts
from xray.pipeline import analyze
from xray.types import Case, Pixels, Radiograph

TOLERANCE = 1e-5
HINT = "Write the bundle again, or copy it again from its source."
NUMERIC = ("probabilities", "logits", "thresholds", "intervals", "boxes", "explanations")
IDENTICAL = ("gate", "organ", "model_id", "weights_sha256", "findings", "answers")


@dataclass(frozen=True)
class Bundle:
    """Contents of a bundle whose hashes are correct.

    Attributes:
        name: File name.
        manifest: Its manifest.
        facts: The Case as in its JSON file.
        explained: Method and finding of each map.
        maps: Raw maps (h, w).
        pixels: Pixels of the film (H, W), if the bundle contains them.
    """

    name: str
    manifest: Manifest
    facts: Mapping[str, Any]
    explained: tuple[tuple[str, str], ...]
    maps: tuple[Pixels, ...]
    pixels: Pixels | None


@dataclass(frozen=True)
class Replay:
    """Result of a replay.

    Attributes:
        case: The recomputed Case.
        differences: Largest difference of each kind of figure; infinite if anything but a number differs.
        versions: Software whose version differs: version in the bundle and installed version.
    """

    case: Case
    differences: Mapping[str, float]
    versions: Mapping[str, tuple[str, str]]

    @property
    def largest(self) -> float:
        """Largest difference of all."""
        return max(self.differences.values())

    @property
    def same(self) -> bool:
        """Whether no difference exceeds TOLERANCE."""
        return self.largest <= TOLERANCE


def read_bundle(content: bytes, name: str) -> Bundle:
    """Read a bundle and check its hashes.

    Raises:
        UnusableBundle: If the file is no bundle, was altered, or is unsafe to unpack.
    """
    stream = io.BytesIO(content)
    if not is_archive(stream):
        raise UnusableBundle(f"{name} is not a bundle.", hint="Choose a bundle that xray wrote.")
    try:
        listed = entries(stream, name)
        members = {path: read() for path, read in listed}
    except (RefusedArchive, UnreadableImage) as error:
        raise UnusableBundle(error.message, hint=HINT) from error
    if MANIFEST not in members:
        raise UnusableBundle(f"{name} is not a bundle: it has no {MANIFEST}.", hint=HINT)
    try:
        manifest = Manifest.model_validate_json(members.pop(MANIFEST))
    except ValidationError as error:
        raise UnusableBundle(f"{MANIFEST} in {name} cannot be read by this version.", HINT) from error
    if len(listed) > len(members) + 1:
        raise UnusableBundle(f"{name} contains two files of one name.", hint=HINT)
    if unknown := sorted(set(members) - set(manifest.members)):
        raise UnusableBundle(f"{name} contains {unknown[0]}, which its {MANIFEST} does not list.", hint=HINT)
    for path, digest in manifest.members.items():
        if path not in members:
            raise UnusableBundle(f"{name} lacks {path}, which its {MANIFEST} lists.", hint=HINT)
        if hashlib.sha256(members[path]).hexdigest() != digest:
            raise UnusableBundle(f"{path} in {name} was altered: its sha256 differs.", hint=HINT)
    try:
        facts = json.loads(members[CASE])
        explained = [(str(item["method"]), str(item["finding"])) for item in facts["explanations"]]
        maps = [_array(members[map_name(number)]) for number in range(1, len(explained) + 1)]
        pixels = _array(members[PIXELS]) if PIXELS in members else None
    except DAMAGE as error:
        raise UnusableBundle(f"The Case in {name} cannot be read.", hint=HINT) from error
    return Bundle(name, manifest, facts, tuple(explained), tuple(maps), pixels)


def replay(given: Bundle, film: Radiograph | None = None) -> Replay:
    """Recompute the Case of a bundle and compare it.

    Args:
        given: The bundle.
        film: Its film, if the bundle contains no pixels.

    Returns:
        The recomputed Case and its differences.

    Raises:
        UnusableBundle: If the film is missing or another one, or if the installed weights differ.
        XrayError: Any error of pipeline.analyze.
    """
    _require_weights(given)
    radiograph = _radiograph(given, film)
    first, *others = (analyze(radiograph, request) for request in given.manifest.requests)
    made = {
        (explanation.method, explanation.finding): explanation
        for case in (first, *others)
        for explanation in case.explanations
    }
    case = replace(first, explanations=tuple(made[key] for key in given.explained if key in made))
    now = case_facts(case)
    differences = {name: largest_difference(given.facts.get(name), now[name]) for name in NUMERIC}
    differences["maps"] = largest_difference(
        [raw_map.tolist() for raw_map in given.maps],
        [explanation.raw_map.tolist() for explanation in case.explanations],
    )
    for name in IDENTICAL:
        if given.facts.get(name) != now[name]:
            differences[name] = np.inf
    installed = versions()
    changed = {
        name: (then, installed.get(name, "none"))
        for name, then in given.manifest.versions.items()
        if installed.get(name) != then
    }
    return Replay(case, differences, changed)


def _require_weights(given: Bundle) -> None:
    for model_id, then in given.manifest.weights.items():
        now = weights_of(model_id)[model_id]
        if now != then:
            raise UnusableBundle(
                f"{given.name} was made with other weights of {model_id}.",
                hint=f"Install weights with sha256 {then}; those installed have {now}.",
            )


def _radiograph(given: Bundle, film: Radiograph | None) -> Radiograph:
    facts, pixels = given.facts, given.pixels
    if pixels is None:
        if film is None:
            raise UnusableBundle(f"{given.name} contains no pixels.", hint="Add its film with --film FILE.")
        pixels = film.pixels
    try:
        spacing = facts["spacing_mm"]
        radiograph = Radiograph(
            pixels,
            facts["file"],
            bit_depth=facts["bit_depth"],
            spacing_mm=(spacing[0], spacing[1]) if spacing else None,
            view=facts["view"],
            modality=facts.get("modality", ""),
            simulated=facts["simulated"],
            notes=tuple(facts["notes"]),
            color=facts.get("color", "gray"),
        )
        expected = facts["pixels_sha256"]
    except DAMAGE as error:
        raise UnusableBundle(f"The film in {given.name} cannot be read.", hint=HINT) from error
    if radiograph.sha256 != expected:
        what = f"The pixels in {given.name} are" if film is None else f"{film.name} is"
        raise UnusableBundle(f"{what} not the film of its Case: the sha256 differs.", HINT)
    return radiograph


def _array(content: bytes) -> Pixels:
    values = np.load(io.BytesIO(content), allow_pickle=False)
    if values.dtype != np.float32 or values.ndim != 2:
        raise ValueError(f"expected float32 (H, W), got {values.dtype} {values.shape}")
    return values


def largest_difference(then: Any, now: Any) -> float:
    """Largest difference between two trees of plain values; infinite if anything but a number differs."""
    if isinstance(then, dict) and isinstance(now, dict) and then.keys() == now.keys():
        return max((largest_difference(then[key], now[key]) for key in then), default=0.0)
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return max((largest_difference(*pair) for pair in zip(then, now, strict=True)), default=0.0)
    if then == now or (then != then and now != now):  # NaN differs from itself
        return 0.0
    numbers = isinstance(then, float | int) and isinstance(now, float | int)
    return abs(then - now) if numbers and np.isfinite([then, now]).all() else np.inf
