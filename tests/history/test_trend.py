"""Trend, drift and export against arithmetic by hand and another library."""

import io
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow.csv
import pyarrow.parquet
import pytest
from scipy.stats import chi2_contingency
from sqlalchemy import update

from tests.history.planted import FINDINGS, NAME, POINTS, case
from xray.history import export, query, trend
from xray.history.drift import FEWEST, drift, population_stability, tenths_of
from xray.history.filters import Filter
from xray.history.tables import Analysis, Answer


def aged(store, number: int, days: int) -> None:
    """Have a film kept so many days ago."""
    then = datetime.now(UTC) - timedelta(days=days)
    with store.session(write=True) as session:
        session.execute(update(Analysis).where(Analysis.id == number).values(at=then))
        session.execute(update(Answer).where(Answer.analysis_id == number).values(day=then.date()))


def test_a_trend_is_the_mean_of_each_day_for_the_same_weights(store):
    said = {3: [0.95, 0.75], 1: [0.15, 0.5, 0.65], 0: [0.99]}
    for seed, (days, effusion) in enumerate((days, one) for days, some in said.items() for one in some):
        aged(store, store.keep(case(seed, (effusion, 0.2, 0.2))), days)
    store.keep(case(50, (0.3, 0.2, 0.2), weights="b" * 64))
    store.keep(case(51, (0.3, 0.2, 0.2), simulated=True))
    store.keep(case(52), "someone else")
    kinds = trend.series(store, "", "planted", "Effusion")
    assert {(one.weights_sha256[0], one.simulated, one.films) for one in kinds} == {
        ("a", False, 6),
        ("b", False, 1),
        ("a", True, 1),
    }
    assert kinds[-1].simulated
    first = next(one for one in kinds if one.films == 6)
    today = datetime.now(UTC).date()
    days = trend.by_day(store, "", first.series_id)
    assert [one.day for one in days] == [today - timedelta(days=number) for number in (3, 1, 0)]
    assert [one.films for one in days] == [2, 3, 1]
    assert [one.probability for one in days] == pytest.approx([0.85, 1.3 / 3, 0.99])
    assert [one.reached for one in days] == pytest.approx([1.0, 2 / 3, 1.0])
    assert trend.tenths(store, "", first.series_id).tolist() == [0, 1, 0, 0, 0, 1, 1, 1, 0, 2]
    assert trend.tenths(store, "", first.series_id, today - timedelta(days=1)).sum() == 4


def test_the_index_is_the_formula_and_zero_for_the_same_films():
    counts = np.array([206, 7, 6, 13, 13, 7, 17, 22, 83, 353])
    assert population_stability(counts, counts) == 0
    expected = 0.0
    for one, other in zip(counts, counts[::-1], strict=True):
        p, q = (one + 0.5) / (727 + 5), (other + 0.5) / (727 + 5)
        expected += (p - q) * np.log(p / q)
    assert population_stability(counts, counts[::-1]) == pytest.approx(expected)
    assert drift(counts, counts).p_value == 1
    assert drift(counts, counts[::-1]).p_value == chi2_contingency([counts, counts[::-1]]).pvalue


def test_drift_is_told_from_chance_and_from_too_few_films():
    rng = np.random.default_rng(0)
    before = np.array([206, 7, 6, 13, 13, 7, 17, 22, 83, 353])
    shares = before / before.sum()
    calm = [drift(rng.multinomial(60, shares), before).verdict for _ in range(300)]
    assert calm.count("no sign of drift") >= 295, "60 films alone may give an index over 0.1"
    moved = np.roll(shares, 3)
    assert drift(rng.multinomial(60, moved), before).verdict == "drift"
    assert drift(rng.multinomial(FEWEST - 1, moved), before).verdict == "too few films"
    slight = 0.75 * shares + 0.25 / 10
    told = drift(rng.multinomial(5000, slight), before)
    assert (told.verdict, 0.1 <= told.index < 0.25) == ("a small shift", True)
    one_bin = np.array([149, *[0] * 9])
    assert drift(one_bin, one_bin).verdict == "no sign of drift"
    assert drift(one_bin[::-1], one_bin).verdict == "drift"


def test_the_bins_of_a_models_figures_are_tenths():
    stated = [(0.0103, 206), (0.1791, 7), (0.2493, 6), (0.9463, 353), (1.0, 2)]
    assert tenths_of(stated).tolist() == [206, 7, 6, 0, 0, 0, 0, 0, 0, 355]


def test_an_export_has_every_line_with_comments_in_clear(store):
    first = store.keep(case(1))
    store.keep(case(2, (0.2, 0.4, 0.1)), with_name=True)
    store.set_feedback(first, "", False, 'no, "really", no')
    store.keep(case(3), "someone else")
    written = io.BytesIO()
    export.write_parquet(store, "", Filter(), written)
    read = pyarrow.parquet.read_table(io.BytesIO(written.getvalue()))
    assert read.schema.equals(export.COLUMNS, check_metadata=False)
    assert b"Never for diagnosis" in read.schema.metadata[b"notice"]
    rows = read.to_pylist()
    assert [one["finding"] for one in rows] == [*FINDINGS, *FINDINGS]
    assert [one["probability"] for one in rows] == pytest.approx([0.9, 0.125, 0.25, 0.2, 0.4, 0.1])
    assert [one["operating_point"] for one in rows] == pytest.approx([*POINTS, *POINTS])
    assert [one["comment"] for one in rows] == ['no, "really", no'] * 3 + [None] * 3
    assert [one["file"] for one in rows] == [None] * 3 + [NAME] * 3
    assert rows[0]["at"] == query.details(store, "", first).analysis.at.replace(
        microsecond=rows[0]["at"].microsecond
    )
    as_csv = io.BytesIO()
    export.write_csv(store, "", Filter(), as_csv)
    again = pyarrow.csv.read_csv(io.BytesIO(as_csv.getvalue()))
    assert again["probability"].to_pylist() == pytest.approx(read["probability"].to_pylist())
    assert again["comment"].to_pylist()[0] == 'no, "really", no'
    only = io.BytesIO()
    export.write_parquet(store, "", Filter(feedback="disagreed"), only)
    disagreed = pyarrow.parquet.read_table(io.BytesIO(only.getvalue()))
    assert disagreed.to_pylist() == rows[:3]
