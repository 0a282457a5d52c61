"""Bars that are compared at the operating point, and the films behind the parts of a chart."""

from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st

from xray.cohort import Row
from xray.types import MapVerdict, Prediction
from xray.ui.cohort import figures, worklist
from xray.ui.cohort.figures import BINS, films_of_cell, in_bin
from xray.ui.cohort.worklist import ALL, ONLY, VIEW, filtered, pick
from xray.ui.common.confidence import at_one_point, bar_order, confidence_bars, wrapped

FINDINGS = tuple("ABCDEFG")


def prediction(probabilities: list[float], thresholds: list[float]) -> Prediction:
    values = np.float32(probabilities)
    names = FINDINGS[: len(values)]
    intervals = np.stack([values, values], axis=1)
    return Prediction("m", "0" * 64, names, values, values, np.float32(thresholds), intervals)


def test_bars_are_scaled_so_that_every_operating_point_is_in_the_middle():
    values = np.float32([0.0, 0.1, 0.2, 0.6, 1.0])
    thresholds = np.full(5, 0.2)
    assert at_one_point(values, thresholds) == pytest.approx([0, 0.25, 0.5, 0.75, 1], abs=1e-6)
    assert at_one_point(np.float32([0, 1]), np.array([0.0, 1.0])) == pytest.approx([0.5, 0.5])


def test_called_findings_come_first():
    many = prediction([0.3, 0.5, 0.02, 0.09, 0.1, 0.1, 0.1], [0.6, 0.4, 0.01, 0.2, 0.5, 0.4, 0.3])
    assert bar_order(many) == ["B", "C", "A", "D", "G", "F", "E"]
    chart = confidence_bars(many, "A")
    assert [shape.x0 for shape in chart.layout.shapes] == [0.5] * 7
    assert [note.text for note in chart.layout.annotations][2] == "30.0%"
    assert chart.data[0].y[2] == "<b>A</b>"


def test_few_findings_keep_a_scale_of_probabilities():
    chart = confidence_bars(prediction([0.3, 0.7], [0.2, 0.9]))
    assert chart.data[0].x == pytest.approx((0.3, 0.7))
    assert [shape.x0 for shape in chart.layout.shapes] == pytest.approx([0.2, 0.9])


def test_a_tooltip_has_short_lines_without_markup():
    assert (
        wrapped("A<b>: 1.0%, below its point (logit +1.00)")
        == "A&lt;b&gt;: 1.0%<br>below its point<br>(logit +1.00)"
    )


def test_every_film_is_in_the_bin_in_which_the_histogram_counts_it():
    values = np.float32([0, 0.049, 0.05, 0.5, 0.99, 1.0])
    counted, _ = np.histogram(values, BINS)
    assert [int(in_bin(values, index).sum()) for index in range(len(BINS) - 1)] == counted.tolist()


@pytest.fixture
def cohort(monkeypatch):
    """Four films, of which the first two are labeled with the finding."""
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(figures, "truths", lambda labels, files: None)
    monkeypatch.setattr(figures, "targets", lambda known, findings: np.array([[1.0], [1.0], [0.0], [np.nan]]))
    supports = ("supported", "not supported", "cannot tell", "supported")
    rows = [
        Row(
            f"{name}.png",
            "answered",
            prediction=prediction([value], [0.5]),
            map_verdict=MapVerdict(support, ""),
        )
        for name, value, support in zip("wxyz", (0.9, 0.2, 0.8, 0.7), supports, strict=True)
    ]
    entry = SimpleNamespace(findings=("A",), thresholds=(0.5,))
    return SimpleNamespace(entry=entry, labels=[1], evidence=True, picked=None), rows


@pytest.mark.parametrize(("cell", "expected"), [(0, [0]), (1, [1]), (2, [2]), (3, [])])
def test_a_cell_lists_its_films(cohort, cell, expected):
    shown, rows = cohort
    label, numbers = films_of_cell(shown, rows, "A", 0.5, cell)
    assert numbers == expected
    assert label.startswith("labeled with A" if cell < 2 else "labeled without A")
    assert label.endswith("positive" if cell % 2 == 0 else "negative")


def test_picked_films_are_listed_until_all_are_shown(cohort):
    shown, rows = cohort
    pick(shown, ("a cell", [0, 2]))
    assert st.session_state[VIEW] == worklist.WORKLIST
    assert filtered(shown, rows, "A") == [0, 2]
    pick(shown, None)
    assert filtered(shown, rows, "A") == [0, 1, 2, 3]
    assert st.session_state[ONLY] == ALL


def test_the_worklist_is_filtered_by_the_verdict_on_the_map(cohort):
    shown, rows = cohort
    for only, expected in (
        ("Map: supported", [0, 3]),
        ("Map: not supported", [1]),
        ("Map: cannot tell", [2]),
    ):
        st.session_state[ONLY] = only
        assert filtered(shown, rows, "A") == expected
