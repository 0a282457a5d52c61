"""Percentages, time axes and notes on figures state what holds for the values shown."""

from datetime import date
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from xray.models.figures import Estimate
from xray.ui.common.operating_point import decimals
from xray.ui.history.trend import day_axis
from xray.ui.models.figures_tab import notes_on_other_films


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [((0.1, 0.2), 1), ((0.101, 0.1014), 2), ((0.5, 0.5), 1), ((0.12341, 0.12342), 3), ((), 1)],
)
def test_different_operating_points_have_different_percentages(probabilities, expected):
    assert decimals(probabilities) == expected


def test_the_axis_of_one_day_has_one_tick_and_no_hours():
    (day,) = days = [date(2026, 3, 5)]
    axis = day_axis(days)
    assert axis["tickvals"] == [day]
    assert axis["range"] == [date(2026, 3, 4), date(2026, 3, 6)]
    assert "%H" not in axis["tickformat"]


def test_the_axis_of_a_year_has_few_ticks():
    axis = day_axis([date(2025, 1, 1), date(2026, 1, 1)])
    assert "tickvals" not in axis
    assert axis["nticks"] == 6


def measured(**values: float) -> SimpleNamespace:
    return SimpleNamespace(metrics={name: Estimate(value=v, low=0, high=1) for name, v in values.items()})


def test_a_note_on_validation_films_names_only_the_metrics_that_are_better_there():
    test = measured(auroc=0.8, ece=0.05, sensitivity=0.7)
    figures = SimpleNamespace(
        other_source=None, external={}, validation=measured(auroc=0.79, ece=0.01, sensitivity=0.7)
    )
    (note,) = notes_on_other_films(figures, test)
    assert note.endswith("There, ECE is better than on the test films.")
    figures.validation = measured(auroc=0.8, ece=0.06, sensitivity=0.6)
    assert notes_on_other_films(figures, test) == []


def with_estimates():
    from xray.models.figures import Estimate
    from xray.ui.common.estimates import estimate

    estimate("ECE", Estimate(value=0.01, low=0.02, high=0.03))
    estimate("AUROC", Estimate(value=0.9, low=0.8, high=0.95))


def test_a_value_below_its_interval_is_explained_where_it_stands():
    page = AppTest.from_function(with_estimates).run()
    below, inside = page.metric
    assert "the interval can lie above the value" in below.help
    assert not inside.help
