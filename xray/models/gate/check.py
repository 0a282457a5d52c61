"""The check of a film by the input gate: rules on its pixels, the network, and familiarity."""

from __future__ import annotations

from xray.errors import ModelUnavailable
from xray.models.classifier import load_classifier
from xray.models.gate.familiarity import FeatureBank, feature_bank
from xray.models.gate.kinds import GATE, REFUSALS, with_article
from xray.models.gate.network_rules import accepted_regions, kind_by_network
from xray.models.gate.pixel_rules import kind_by_pixels
from xray.models.registry import ModelEntry
from xray.types import GateKind, GateResult, Radiograph


def check_input(radiograph: Radiograph, entry: ModelEntry, bank: FeatureBank | None = None) -> GateResult:
    """Check whether a film is suitable for a model: its modality, its pixels, the network, familiarity.

    The rules apply in this order; the first one that applies gives the reason. If the network or the feature
    bank cannot be loaded, the others apply, and the result says so. A simulated film is never refused as no
    X-ray or as unfamiliar.

    Args:
        radiograph: The film.
        entry: Registry entry of the model.
        bank: Feature bank; by default that of the gate.
    """
    simulated = radiograph.simulated
    if radiograph.modality:
        return _result("another modality", radiograph, entry)
    kind = kind_by_pixels(radiograph.pixels, simulated=simulated, color=radiograph.color)
    if kind != "accepted":
        return _result(kind, radiograph, entry)
    try:
        gate = load_classifier(GATE)
    except ModelUnavailable as error:
        note = f"Only size, contrast, color and frame were checked. {error.message}"
        return GateResult(True, note, f"Make the gate: python -m xray train {GATE}.", kind)
    logits, features = gate.logits_and_features(radiograph)
    findings = gate.entry.findings
    kind, seen = kind_by_network(
        dict(zip(findings, gate.probabilities(logits)[0].tolist(), strict=True)),
        dict(zip(findings, gate.entry.thresholds, strict=True)),
        entry.regions,
        simulated=simulated,
    )
    try:
        bank = bank or feature_bank(gate.entry)
    except ModelUnavailable as error:
        note = f"Familiarity was not checked. {error.message}"
        return _result(kind, radiograph, entry, seen, note=note, hint=error.hint)
    distances = bank.distances(features)[0]
    own = bank.nearest(distances, accepted_regions(findings, entry.regions))
    if kind == "accepted" and not own.within and not simulated:
        other = bank.nearest(distances, bank.regions)
        kind, seen = ("another region", other.region) if other.within else ("unfamiliar", "")
    return _result(kind, radiograph, entry, seen, familiarity=own.share, familiar_region=own.region)


def _result(
    kind: GateKind,
    radiograph: Radiograph,
    entry: ModelEntry,
    seen: str = "",
    *,
    note: str = "",
    hint: str = "",
    familiarity: float | None = None,
    familiar_region: str = "",
) -> GateResult:
    """The result of a kind; an accepted film has the note and the hint."""
    if kind != "accepted":
        rows, columns = radiograph.pixels.shape
        *others, last = entry.regions or ("radiographs of all",)
        regions = f"{', '.join(others)} or {last}" if others else last
        facts = {"rows": rows, "columns": columns, "title": entry.title, "regions": regions}
        note, hint = REFUSALS[kind]
        note = note.format(seen=with_article(seen), modality=radiograph.modality, **facts)
    return GateResult(kind == "accepted", note, hint, kind, familiarity, familiar_region)
