"""The bootstrap of a cohort runs once per finding, not at every move of a slider."""

from types import SimpleNamespace

import pytest

from xray.errors import UnusableData
from xray.history.keeping import Keeper
from xray.ui.cohort import session
from xray.ui.cohort.session import Shown


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


def test_a_comparison_is_computed_once_per_finding_and_number_of_rows(shown):
    cohort, calls = shown
    for _ in range(3):
        assert cohort.comparison(["a"], "Mass").finding == "Mass"
        assert cohort.comparison(["a"], "Edema").finding == "Edema"
    assert len(calls) == 2
    assert cohort.comparison(["a", "b"], "Mass").rows == ["a", "b"]
    cohort.labels = {"a": 1, "b": 0}
    cohort.comparison(["a", "b"], "Mass")
    assert len(calls) == 4


def test_a_failed_comparison_is_tried_again(shown):
    cohort, calls = shown
    for _ in range(2):
        with pytest.raises(UnusableData):
            cohort.comparison([], "Mass")
    assert len(calls) == 2
