"""The bootstrap of a cohort runs once per finding, not at every move of a slider."""

from types import SimpleNamespace

import pytest

from xray.cohort import Row
from xray.errors import UnusableData
from xray.history.keeping import Keeper
from xray.types import MapVerdict
from xray.ui.cohort import session
from xray.ui.cohort.session import Shown
from xray.ui.cohort.worklist import _lines


@pytest.fixture
def shown(monkeypatch):
    calls = []

    def compare(rows, labels, finding):
        calls.append((list(rows), finding))
        if not rows:
            raise UnusableData("No film.")
        return SimpleNamespace(rows=list(rows), finding=finding)

    monkeypatch.setattr(session, "compare", compare)
    return Shown("films", None, {"a": 1}, None, "", "m", anyway=False, keeper=Keeper(enabled=False)), calls


def test_a_comparison_is_computed_once_per_finding_number_of_rows_and_list_of_labels(shown):
    cohort, calls = shown
    for _ in range(3):
        assert cohort.comparison(["a"], "Mass").finding == "Mass"
        assert cohort.comparison(["a"], "Edema").finding == "Edema"
    assert len(calls) == 2
    assert cohort.comparison(["a", "b"], "Mass").rows == ["a", "b"]
    cohort.use({"a": 1, "b": 0}, "list")
    cohort.comparison(["a", "b"], "Mass")
    assert len(calls) == 4


def test_a_failed_comparison_is_tried_again(shown):
    cohort, calls = shown
    for _ in range(2):
        with pytest.raises(UnusableData):
            cohort.comparison([], "Mass")
    assert len(calls) == 2


def test_the_worklist_has_a_column_for_the_verdict_on_the_map_if_maps_were_checked():
    rows = [
        Row("a.png", "answered", map_verdict=MapVerdict("not supported", "why.")),
        Row("b.png", "refused"),
    ]
    model = SimpleNamespace(findings=("Mass",))
    keeper = Keeper(enabled=False)
    checked, unchecked = (
        Shown("films", None, {}, model, "", "m", anyway=False, keeper=keeper, evidence=evidence)
        for evidence in (True, False)
    )
    assert _lines(checked, rows, "Mass")["Map"] == ["not supported", None]
    assert "Map" not in _lines(unchecked, rows, "Mass")
