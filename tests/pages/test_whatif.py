"""The What if page in process: predictions of each changed film, and undo of every step."""

from functools import partial

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import dashboard, shown_text
from xray.io import read_radiograph
from xray.models.ensemble import load_model
from xray.types import Prediction, Radiograph, answer_of
from xray.types.answer import percent, percent_range
from xray.whatif.changes import CHANGES
from xray.whatif.response import flip, response
from xray.whatif.state import State, applied, control_of

QUICK = "findings-cnn"  # of many labels, and the quickest network
BOX = (150, 150, 230, 260)
POINTS = 5  # of a curve
LARGER = pytest.param("pneumonia-mobilenet", marks=pytest.mark.slow)
BOTH = pytest.mark.parametrize("model_id", [LARGER, QUICK])


@pytest.fixture(autouse=True)
def curves_of_few_points(monkeypatch) -> None:
    monkeypatch.setattr("xray.ui.whatif.state.response", partial(response, points=POINTS))


@pytest.fixture(scope="module")
def film(chest) -> Radiograph:
    return read_radiograph(chest, "chest.png")


@pytest.fixture
def page(chest) -> AppTest:
    return opened(chest, QUICK)


def opened(data: bytes, model: str | None = None) -> AppTest:
    page = dashboard()
    page.switch_page("pages/whatif.py").run()
    if model:
        page.sidebar.selectbox[0].set_value(model).run()
    page.file_uploader[0].upload("chest.png", data)
    page.run()
    assert not page.exception
    return page


def slide(page: AppTest, **values: float) -> None:
    for name, value in values.items():
        page.slider(key=f"what-if:{name}").set_value(value).run()
        assert not page.exception


def cover(page: AppTest, box: tuple[int, ...]) -> None:
    for side, value in zip(("left", "top", "right", "bottom"), box, strict=True):
        page.number_input(key=f"what-if {side}").set_value(value)
    press(page, "Cover")


def press(page: AppTest, label: str) -> None:
    next(one for one in page.button if one.label == label).click().run()
    assert not page.exception


def picture(page: AppTest) -> str:
    """The address of the changed film, which follows the thumbnail; it is a hash of its content."""
    return page.get("image")[1].value[0]


def values(said: Prediction) -> list[str]:
    rows = zip(said.probabilities, said.intervals, strict=True)
    return [f"{percent(probability)} ({percent_range(low, high)})" for probability, (low, high) in rows]


def set_to(page: AppTest) -> dict[str, float]:
    return {name: page.slider(key=f"what-if:{name}").value for name in CHANGES}


NEUTRAL = {name: change.neutral for name, change in CHANGES.items()}


def test_an_empty_page_says_what_to_do():
    page = dashboard()
    page.switch_page("pages/whatif.py").run()
    assert not page.exception
    assert "Drop a film or choose a sample" in shown_text(page)


@BOTH
def test_every_answer_is_what_the_model_predicts_of_that_film(chest, film, model_id):
    page, model = opened(chest, model_id), load_model(model_id)
    assert set(page.table[0].value.columns) == {"Finding", "Original"}
    slide(page, blur=1.0, rotation=10.0)
    cover(page, BOX)
    state = State((("blur", 1.0), ("rotation", 10.0)), (BOX,))
    table, control = page.table[0].value, control_of(film, state)
    assert list(table["Finding"]) == list(model.entry.findings)
    for column, one in {"Original": State(), "Changed": state, "Control": control}.items():
        assert list(table[column]) == values(model.predict(applied(film, one)))
    assert "; ".join(state.descriptions) in shown_text(page)


def test_the_response_follows_the_slider_moved_last(page, film):
    slide(page, noise=5.0, width=60.0)
    assert page.selectbox(key="what-if axis").value == "width"
    curves = [one for key, one in page.session_state["session"].whatif.results.items() if "curves" in key]
    expected = response(load_model(QUICK), film, State((("noise", 5.0),)), "width", POINTS)
    assert np.array_equal(curves[-1].values, expected.values)
    assert np.array_equal(curves[-1].probabilities, expected.probabilities)


def test_moving_a_slider_does_not_recompute_its_curve(page):
    slide(page, blur=1.0)
    asked = []
    handle = load_model(QUICK).module.register_forward_hook(lambda *_: asked.append(1))
    slide(page, blur=1.2)
    handle.remove()
    assert len(asked) == 2, "one pass for the answer and one for its interval"


def test_undo_redo_and_reset_restore_exactly(page):
    seen = [(set_to(page), picture(page), page.table[0].value.to_dict())]
    for step in (
        lambda: slide(page, brightness=20.0),
        lambda: cover(page, BOX),
        lambda: page.selectbox(key="what-if cover").set_value("inpaint").run(),
        lambda: slide(page, jpeg=10.0),
    ):
        step()
        assert not page.exception
        seen.append((set_to(page), picture(page), page.table[0].value.to_dict()))
    assert len({one[1] for one in seen}) == len(seen)
    for expected in seen[-2::-1]:
        press(page, "Undo")
        assert (set_to(page), picture(page), page.table[0].value.to_dict()) == expected
    assert page.button(key="what-if undo").disabled
    for expected in seen[1:]:
        press(page, "Redo")
        assert (set_to(page), picture(page), page.table[0].value.to_dict()) == expected
    assert page.button(key="what-if redo").disabled
    press(page, "Reset")
    assert set_to(page) == NEUTRAL
    assert picture(page) == seen[0][1]
    press(page, "Undo")
    assert (set_to(page), picture(page), page.table[0].value.to_dict()) == seen[-1]


@pytest.mark.slow
def test_the_smallest_changes_are_found_shown_and_applied(page, film):
    slide(page, blur=0.2)
    press(page, "Find it")
    model = load_model(QUICK)
    predicted = model.predict(film)
    finding = answer_of(predicted).finding
    told, found = shown_text(page), [flip(model, film, finding, name) for name in CHANGES]
    for one in found:
        if one.value is not None:
            change = CHANGES[one.change]
            assert f"{change.title} **{change.amount(one.value)}**: {percent(one.probability)}" in told
    unmoved = ", ".join(CHANGES[one.change].named for one in found if one.value is None)
    assert f"No change in the range flips it: {unmoved}." in told
    assert f"{sum(one.passes for one in found)} passes through the network." in told
    first = next(one for one in found if one.value is not None)
    assert "It is now" not in told
    page.button(key=f"what-if try:{first.change}").click().run()
    assert set_to(page) == NEUTRAL | {first.change: first.value}
    side = "below" if predicted.at_operating_point(finding) else "at or above"
    assert f"It is now {side} its operating point" in shown_text(page)


@BOTH
def test_the_film_sent_to_analyze_gives_the_probabilities_shown(chest, model_id):
    page = opened(chest, model_id)
    slide(page, blur=0.6, brightness=-5.0)
    cover(page, BOX)
    shown = list(page.table[0].value["Changed"])
    press(page, "Analyze changed film")
    assert page.title[0].value == "Analyze a radiograph"
    table = page.table[0].value
    probabilities = [one.split(" ")[0] for one in shown]
    assert list(table["Probability"]) == probabilities
    assert [f"{row['Probability']} ({row['Interval']})" for _, row in table.iterrows()] == shown
    told = shown_text(page)
    assert "chest-what-if.png" in told
    assert "What if: 80 × 110 px from 150, 150 covered (blur), brightness -5%, blur 0.6%." in told
    page.switch_page("pages/whatif.py").run()
    assert not page.exception
    assert page.sidebar.selectbox[0].value == model_id


def test_the_page_is_as_it_was_left(page):
    slide(page, rotation=25.0)
    cover(page, BOX)
    before = set_to(page), picture(page), page.selectbox(key="what-if axis").value
    page.switch_page("pages/models.py").run()
    page.switch_page("pages/whatif.py").run()
    assert not page.exception
    assert (set_to(page), picture(page), page.selectbox(key="what-if axis").value) == before
    press(page, "Uncover")
    assert "Control" not in page.table[0].value.columns


def test_the_gate_checks_the_changed_film(page):
    assert "The input gate refuses" not in shown_text(page)
    slide(page, width=2.0, brightness=60.0)
    assert "The input gate refuses the changed film" in shown_text(page)


def test_without_room_for_a_control_the_page_shows_a_note(page):
    cover(page, (0, 0, 512, 400))
    assert "The body has no room for a control region of equal area." in shown_text(page)
    assert set(page.table[0].value.columns) == {"Finding", "Original", "Changed"}


def test_nothing_remains_of_a_closed_film(page):
    slide(page, blur=1.0)
    whatif = page.session_state["session"].whatif
    assert all((whatif.histories, whatif.results, whatif.films))
    next(one for one in page.button if str(one.key).startswith("icon:close:")).click()
    page.run()
    assert not page.exception
    assert not any((whatif.histories, whatif.results, whatif.films))
