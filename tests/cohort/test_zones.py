"""Shares of evidence by lung zone over a cohort, from maps and lungs whose places are known."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from tests.cohort.conftest import QUICK, rows_of
from tests.corpus import simulated_png
from tests.lungs import CENTERS, GRID, HALF_HEIGHT, HALF_WIDTH, planted_lungs
from xray.cli import app
from xray.cohort import Row
from xray.cohort.labels import Labels
from xray.cohort.table import table
from xray.cohort.zones import WITH, WITHOUT, films_with_zones, largest_zone, zone_means, zone_means_of
from xray.geometry import Affine
from xray.io import read_radiograph
from xray.io.label_lists import FilmLabels
from xray.models.registry import entry
from xray.pipeline import Request, analyze
from xray.types import BETWEEN, ELSEWHERE, OUTSIDE, REGIONS, ZONES, Explanation, Prediction

SIDE = 480
FINDINGS = ("Normal", "Pneumonia")


def explanation(raw_map: np.ndarray) -> Explanation:
    to_source = Affine.stretch(raw_map.shape, (SIDE, SIDE))
    return Explanation("gradcam", "l", "Mass", raw_map.astype(np.float32), to_source, (SIDE, SIDE), "m", "0")


def spot(x: float, y: float) -> np.ndarray:
    """A map on the grid of the lungs that is 1 in 3 x 3 cells around a cell and -1 elsewhere."""
    values = np.full((GRID, GRID), -1.0)
    values[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2] = 1
    return values


RIGHT, LEFT = CENTERS


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ((RIGHT[0], RIGHT[1] - 0.8 * HALF_HEIGHT), "right upper"),
        (LEFT, "left middle"),
        ((LEFT[0], LEFT[1] + 0.7 * HALF_HEIGHT), "left lower"),
        (((RIGHT[0] + LEFT[0]) / 2, RIGHT[1]), BETWEEN),
        ((LEFT[0] + HALF_WIDTH + 8, LEFT[1]), ELSEWHERE),
        ((RIGHT[0], RIGHT[1] + HALF_HEIGHT + 8), ELSEWHERE),
        (((RIGHT[0] + LEFT[0]) / 2, RIGHT[1] + HALF_HEIGHT + 8), ELSEWHERE),  # below both lungs
    ],
)
def test_the_evidence_of_a_spot_is_in_its_region(place, region):
    lungs = planted_lungs((SIDE, SIDE))
    shares = lungs.region_shares(explanation(spot(*place)))
    assert tuple(shares) == REGIONS
    assert shares[region] == pytest.approx(1, abs=0.02)
    assert lungs.shares(explanation(spot(*place)))[OUTSIDE] == pytest.approx(
        shares[BETWEEN] + shares[ELSEWHERE]
    )


def test_an_even_map_has_the_shares_of_the_areas():
    shares = planted_lungs((SIDE, SIDE)).region_shares(explanation(np.ones((GRID, GRID))))
    ellipse = np.pi * HALF_WIDTH * HALF_HEIGHT
    strip = 2 * HALF_HEIGHT * (LEFT[0] - RIGHT[0]) - ellipse  # between the inner halves of two ellipses
    assert sum(shares[zone] for zone in ZONES) == pytest.approx(2 * ellipse / GRID**2, rel=0.02)
    assert shares[BETWEEN] == pytest.approx(strip / GRID**2, rel=0.03)
    assert sum(shares.values()) == pytest.approx(1)


def row(number: int, shares: list[float] | None, duplicate_of: str = "") -> Row:
    values = np.float32([0.4, 0.6])
    said = Prediction("m", "", FINDINGS, values, values, np.float32([0.5, 0.5]))
    zones = None
    if shares:
        given = np.zeros(len(REGIONS), np.float32)
        given[: len(shares)] = shares
        zones = np.stack([np.full(len(REGIONS), np.nan, np.float32), given])
    return Row(f"{number}.png", "answered", prediction=said, duplicate_of=duplicate_of, zone_shares=zones)


def test_means_by_label_and_the_films_of_a_region_are_those_by_hand():
    rows = [
        row(0, [0.8, 0.2]),
        row(1, [0.6, 0.4]),
        row(2, [0.1, 0.9]),
        row(3, None),
        row(4, [1.0], duplicate_of="0.png"),
        row(5, [0.9, 0.1]),
    ]
    sick = {0: "pneumonia", 1: "pneumonia", 2: "normal", 3: "normal", 4: "pneumonia"}
    labels = Labels({f"{at}.png": FilmLabels(frozenset({name}), str(at)) for at, name in sick.items()})
    assert films_with_zones(rows, "Pneumonia") == [0, 1, 2, 5]
    assert films_with_zones(rows, "Normal") == []  # maps without positive evidence
    means = zone_means(rows, labels, "Pneumonia")
    assert {name: count for name, (count, _) in means.items()} == {WITH: 2, WITHOUT: 1, "no label": 1}
    assert [share.value for share in means[WITH][1][:3]] == pytest.approx([0.7, 0.3, 0])
    assert (means[WITH][1][0].low, means[WITH][1][0].high) == pytest.approx((0.6, 0.8))  # of two patients
    written = table(rows, entry("pneumonia-mobilenet"))
    zones = [row.zones("Pneumonia") if row.zone_shares is not None else None for row in rows]
    for place, region in enumerate(REGIONS):
        column = pa.array([None if one is None else float(one[place]) for one in zones])
        written = written.set_column(written.column_names.index(f"zone: {region}"), f"zone: {region}", column)
    of = pa.array(["Pneumonia"] * len(rows))
    written = written.set_column(written.column_names.index("zones_of"), "zones_of", of)
    from_table = zone_means_of(written, labels, "Pneumonia", FINDINGS)
    assert {name: count for name, (count, _) in from_table.items()} == {WITH: 2, WITHOUT: 1, "no label": 1}
    assert from_table[WITH][1][0].value == pytest.approx(0.7)
    assert largest_zone(rows, "Pneumonia", REGIONS[0]) == [5, 0, 1]
    assert largest_zone(rows, "Pneumonia", REGIONS[1]) == [2]
    assert zone_means(rows, labels, "Normal") == {}


def test_rows_and_table_have_the_shares_of_analyze(contents, tmp_path):
    chest = contents["a/chest.png"]
    case = analyze(read_radiograph(chest, "chest.png"), Request(QUICK, intervals=False))
    (row,) = rows_of({"chest.png": chest}, Request(QUICK, intervals=False)).values()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "chest.png").write_bytes(simulated_png(0))
    evident = {map_of.has_positive_evidence: map_of.finding for map_of in case.explanations}
    assert evident.keys() == {True, False}
    for finding in evident.values():
        expected = case.lungs.region_shares(case.explanation(finding))
        found = row.zones(finding)
        assert (found is None) == (not expected)
        if expected:
            assert found == pytest.approx(list(expected.values()), abs=1e-6)
        out = tmp_path / finding
        command = ["cohort", str(tmp_path / "in"), "--out", str(out), "--model", QUICK]
        done = CliRunner().invoke(app, [*command, "--zones", "--finding", finding])
        assert done.exit_code == 0, done.output
        (line,) = parquet.read_table(out / "results.parquet").to_pylist()
        written = {region: line[f"zone: {region}"] for region in REGIONS}
        assert written == (pytest.approx(expected, abs=1e-6) if expected else dict.fromkeys(REGIONS))
        assert line["zones_of"] == finding
        shown = expected and f"{'right upper':18} {line['zone: right upper']:.3f}" in done.stdout
        assert shown if expected else "right upper" not in done.stdout
