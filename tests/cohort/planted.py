"""A cohort with known scores, labels and devices."""

from dataclasses import replace

import numpy as np

from xray.cohort import Row
from xray.cohort.labels import Labels
from xray.cohort.table import table
from xray.io.label_lists import FilmLabels
from xray.models.registry import entry
from xray.types import GateResult, MapVerdict, Prediction

MODEL = "findings-cnn"
FINDINGS = entry(MODEL).findings
FINDING = FINDINGS[0]


def cohort(
    scores, sick, devices, *, supported=None, familiarity=None, present=0.3, absent=0.3, patients=None
):
    """A table of results for one finding, and its labels with a column device."""
    rows, known, attributes = [], {}, {}
    count = len(FINDINGS)
    for number, (score, ill, device) in enumerate(zip(scores, sick, devices, strict=True)):
        values = np.full(count, score, np.float32)
        limits = np.full(count, present, np.float32), np.full(count, absent, np.float32)
        said = Prediction(MODEL, "", FINDINGS, values, values, np.full(count, 0.5, np.float32), None, *limits)
        name = f"{number}.png"
        gate = GateResult(True, "", "", "accepted", None if familiarity is None else familiarity[number], "")
        row = Row(name, "answered", prediction=said, gate=gate)
        if supported is not None:
            support = "supported" if supported[number] else "not supported"
            row = replace(row, map_verdict=MapVerdict(support, "because"))
        rows.append(row)
        patient = str(number) if patients is None else patients[number]
        known[name] = FilmLabels(frozenset({FINDING.casefold() if ill else "no finding"}), patient)
        attributes[name] = {"device": device}
    labels = Labels(known, attributes=attributes)
    return table(rows, entry(MODEL), labels), labels
