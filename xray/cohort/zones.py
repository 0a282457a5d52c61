"""Where a model looks over a cohort: mean share of the evidence per lung zone, with and without a finding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xray.cohort.labels import Labels, truths
from xray.cohort.row import Row
from xray.train.bootstrap import Estimate, estimates, resampled
from xray.train.metrics import mean_of
from xray.train.targets import targets
from xray.types import REGIONS

Shares = NDArray[np.floating]  # (R)
Means = dict[str, tuple[int, list[Estimate]]]

WITH, WITHOUT, UNKNOWN = "with finding", "without finding", "no label"


def films_with_zones(rows: Sequence[Row], finding: str) -> list[int]:
    """Indices of the films whose map has positive evidence and whose lungs are determined; no duplicates."""
    return [
        number for number, row in enumerate(rows) if not row.duplicate_of and row.zones(finding) is not None
    ]


def zone_means(rows: Sequence[Row], labels: Labels, finding: str) -> Means:
    """Average the shares of the evidence by region over the films of each label.

    Args:
        rows: Rows of the cohort.
        labels: Labels by file name.
        finding: Finding as the model spells it.

    Returns:
        Number of films, and the mean share of each of REGIONS with its 95% interval (bootstrap over
        patients), by label; labels without a film are missing.
    """
    used = [rows[number] for number in films_with_zones(rows, finding)]
    shares = [found for row in used if (found := row.zones(finding)) is not None]
    findings = used[0].prediction.findings if used and used[0].prediction else (finding,)
    return _means_by_label(shares, [row.file for row in used], labels, finding, findings)


def zone_means_of(results: pa.Table, labels: Labels, finding: str, findings: Sequence[str]) -> Means:
    """Average as zone_means does, from the columns of a table of results (see cohort.table).

    Args:
        results: The table. Films whose shares are of another finding, and duplicates, are ignored.
        labels: Labels by file name.
        finding: Finding as the model spells it.
        findings: All findings of the model.
    """
    of, duplicates = results["zones_of"].to_pylist(), results["duplicate_of"].to_pylist()
    columns = np.array([results[f"zone: {region}"].to_pylist() for region in REGIONS], np.float64).T
    used = [
        row
        for row, shares in enumerate(columns)
        if of[row] == finding and not duplicates[row] and not np.isnan(shares).any()
    ]
    files = results["file"].to_pylist()
    return _means_by_label(list(columns[used]), [files[row] for row in used], labels, finding, findings)


def _means_by_label(
    given: Sequence[Shares], files: Sequence[str], labels: Labels, finding: str, findings: Sequence[str]
) -> Means:
    if not files:
        return {}
    known = truths(labels, files)
    labeled = targets(known, findings)[:, list(findings).index(finding)]
    shares = np.stack(given).astype(np.float64)  # (n, R)
    patients = np.array([truth.patient if truth else file for truth, file in zip(known, files, strict=True)])
    groups = {WITH: labeled == 1, WITHOUT: labeled == 0, UNKNOWN: np.isnan(labeled)}
    return {
        name: (int(inside.sum()), _means(shares[inside], patients[inside].tolist()))
        for name, inside in groups.items()
        if inside.any()
    }


def largest_zone(rows: Sequence[Row], finding: str, region: str) -> list[int]:
    """Indices of the films whose map has most of its evidence in a region, the largest share first."""
    place = REGIONS.index(region)
    shares = {number: rows[number].zones(finding) for number in films_with_zones(rows, finding)}
    inside = {number: found for number, found in shares.items() if found is not None}
    most = [number for number, found in inside.items() if int(found.argmax()) == place]
    return sorted(most, key=lambda number: -float(inside[number][place]))


def _means(shares: NDArray[np.float64], patients: list[str]) -> list[Estimate]:
    """Mean of the shares (n, R) of each region with its interval."""
    figures = {region: mean_of(shares[:, place]) for place, region in enumerate(REGIONS)}
    found = estimates(figures, resampled(patients))
    return [Estimate(**found[region]) for region in REGIONS]
