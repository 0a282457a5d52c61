"""A bundle computed again, and how far the results are from those in it."""

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
from xray.errors import UnusableBundle
from xray.io.archive import entries, is_archive
from xray.io.decode import DAMAGE
from xray.io.encode import case_facts
from xray.pipeline import analyze
from xray.types import Case, Pixels, Radiograph

TOLERANCE = 1e-5
AGAIN = "Write the bundle again, or copy it again from where it was written."
COMPARED = ("probabilities", "logits", "thresholds", "intervals", "boxes", "explanations")
SAME = ("gate", "organ", "model_id", "weights_sha256", "findings", "answers")


@dataclass(frozen=True)
class Bundle:
    """What a bundle holds, its hashes checked. facts: the Case as in its JSON. explained: method and finding
    of each map.
    """

    name: str
    manifest: Manifest
    facts: Mapping[str, Any]
    explained: tuple[tuple[str, str], ...]
    maps: tuple[Pixels, ...]
    pixels: Pixels | None


@dataclass(frozen=True)
class Replay:
    """differences: the largest one of each kind of figure, infinite where something else is said. versions:
    what is installed in another version: then, now.
    """

    case: Case
    differences: Mapping[str, float]
    versions: Mapping[str, tuple[str, str]]

    @property
    def largest(self) -> float:
        return max(self.differences.values())

    @property
    def same(self) -> bool:
        return self.largest <= TOLERANCE


def read_bundle(content: bytes, name: str) -> Bundle:
    """Raises UnusableBundle for one that is not as it was written, RefusedArchive for a harmful ZIP file."""
    stream = io.BytesIO(content)
    if not is_archive(stream):
        raise UnusableBundle(f"{name} is no bundle.", hint="Give a ZIP file that xray wrote as a bundle.")
    listed = entries(stream, name)
    members = {path: read() for path, read in listed}
    if MANIFEST not in members:
        raise UnusableBundle(f"{name} is no bundle: it has no {MANIFEST}.", hint=AGAIN)
    try:
        manifest = Manifest.model_validate_json(members.pop(MANIFEST))
    except ValidationError as error:
        raise UnusableBundle(f"{MANIFEST} in {name} is not one that this version reads.", AGAIN) from error
    if len(listed) > len(members) + 1:
        raise UnusableBundle(f"{name} holds two files of one name.", hint=AGAIN)
    if strange := sorted(set(members) - set(manifest.members)):
        raise UnusableBundle(f"{name} holds {strange[0]}, which its {MANIFEST} does not name.", hint=AGAIN)
    for path, digest in manifest.members.items():
        if path not in members:
            raise UnusableBundle(f"{name} lacks {path}, which its {MANIFEST} names.", hint=AGAIN)
        if hashlib.sha256(members[path]).hexdigest() != digest:
            raise UnusableBundle(f"{path} in {name} was altered: its sha256 is another.", hint=AGAIN)
    try:
        facts = json.loads(members[CASE])
        explained = [(one["method"], one["finding"]) for one in facts["explanations"]]
        maps = [_array(members[map_name(number)]) for number in range(1, len(explained) + 1)]
        pixels = _array(members[PIXELS]) if PIXELS in members else None
    except DAMAGE as error:
        raise UnusableBundle(f"{name} holds no Case that can be read.", hint=AGAIN) from error
    return Bundle(name, manifest, facts, tuple(explained), tuple(maps), pixels)


def replay(given: Bundle, film: Radiograph | None = None) -> Replay:
    """Ask the pipeline for the Case again. film: for a bundle without pixels.

    Raises UnusableBundle: no film, another film, other weights; and what analyze raises.
    """
    _require_weights(given)
    radiograph = _radiograph(given, film)
    first, *others = (analyze(radiograph, request) for request in given.manifest.requests)
    made = {(one.method, one.finding): one for case in (first, *others) for one in case.explanations}
    case = replace(first, explanations=tuple(made[key] for key in given.explained if key in made))
    now = case_facts(case)
    differences = {name: _largest(given.facts.get(name), now[name]) for name in COMPARED}
    differences["maps"] = _largest(
        [one.tolist() for one in given.maps], [one.raw_map.tolist() for one in case.explanations]
    )
    for name in SAME:
        if given.facts.get(name) != now[name]:
            differences[name] = np.inf
    installed = versions()
    moved = {
        name: (then, installed.get(name, "none"))
        for name, then in given.manifest.versions.items()
        if installed.get(name) != then
    }
    return Replay(case, differences, moved)


def _require_weights(given: Bundle) -> None:
    for model_id, then in given.manifest.weights.items():
        now = weights_of(model_id)[model_id]
        if now != then:
            raise UnusableBundle(
                f"{given.name} was made with other weights of {model_id}.",
                hint=f"Install those with sha256 {then}; here are those with {now}.",
            )


def _radiograph(given: Bundle, film: Radiograph | None) -> Radiograph:
    facts, pixels = given.facts, given.pixels
    if pixels is None:
        if film is None:
            raise UnusableBundle(f"{given.name} holds no pixels.", hint="Give its film with --film FILE.")
        pixels = film.pixels
    try:
        spacing = facts["spacing_mm"]
        radiograph = Radiograph(
            pixels,
            facts["file"],
            bit_depth=facts["bit_depth"],
            spacing_mm=(spacing[0], spacing[1]) if spacing else None,
            view=facts["view"],
            simulated=facts["simulated"],
            notes=tuple(facts["notes"]),
        )
        expected = facts["pixels_sha256"]
    except DAMAGE as error:
        raise UnusableBundle(f"{given.name} holds no film that can be read.", hint=AGAIN) from error
    if radiograph.sha256 != expected:
        what = f"The pixels in {given.name} are" if film is None else f"{film.name} is"
        raise UnusableBundle(f"{what} not the film that its Case names: their sha256 is another.", AGAIN)
    return radiograph


def _array(content: bytes) -> Pixels:
    values = np.load(io.BytesIO(content), allow_pickle=False)
    if values.dtype != np.float32 or values.ndim != 2:
        raise ValueError(f"expected float32 (H, W), got {values.dtype} {values.shape}")
    return values


def _largest(then: Any, now: Any) -> float:
    """The largest difference between two trees of plain values; infinite where anything else differs."""
    if isinstance(then, dict) and isinstance(now, dict) and then.keys() == now.keys():
        return max((_largest(then[key], now[key]) for key in then), default=0.0)
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return max((_largest(one, other) for one, other in zip(then, now, strict=True)), default=0.0)
    if isinstance(then, float | int) and isinstance(now, float | int):
        return abs(then - now) if np.isfinite([then, now]).all() else float(then == now or np.inf)
    return 0.0 if then == now else np.inf
