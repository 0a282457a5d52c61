"""The lesion lab of the What if page in process."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import button, dashboard, group, shown_text, viewers
from xray.io import read_radiograph
from xray.models.ensemble import load_model
from xray.types import Radiograph
from xray.types.answer import percent, percent_range
from xray.ui.viewer import Region
from xray.whatif.lesion_lab import Insertion, extent, inserted, removed
from xray.whatif.lesion_place import centers

MODEL, FINDING = "findings-cnn", "Infiltration"  # its answer


@pytest.fixture(scope="module")
def film(chest) -> Radiograph:
    return read_radiograph(chest, "chest.png")


@pytest.fixture
def page(chest) -> AppTest:
    return opened(chest, MODEL)


def opened(chest: bytes, model_id: str) -> AppTest:
    page = dashboard()
    page.switch_page("pages/whatif.py").run()
    page.sidebar.selectbox[0].set_value(model_id).run()
    page.file_uploader[0].upload("chest.png", chest)
    page.run()
    group(page, "Part").set_value("Lesions").run()
    assert not page.exception
    return page


def lesion(page: AppTest) -> Insertion:
    (found,) = page.session_state["session"].whatif.lesions.values()
    return found


def described(film: Radiograph) -> str:
    found = load_model(MODEL).predict(film)
    index = found.findings.index(FINDING)
    return f"{percent(found.probabilities[index])} ({percent_range(*found.intervals[index])})"


def test_the_lesion_follows_its_controls_and_the_answers_are_those_of_the_changed_film(page, film):
    page.slider(key="lesion contrast").set_value(1.2).run()
    page.selectbox(key="lesion kind").set_value("mass").run()
    page.number_input(key="lesion x").set_value(180).run()
    page.number_input(key="lesion y").set_value(240).run()
    page.slider(key="lesion size").set_value(12.0).run()
    assert not page.exception
    placed = Insertion("mass", 180, 240, 0.12, 1.2)
    assert lesion(page) == placed
    changed = inserted(film, placed)
    text = shown_text(page)
    assert f"original {described(film)}, with lesion {described(changed)}" in text
    plain, with_map = viewers(page)
    assert plain["placing"]
    assert not with_map["placing"]
    region = placed.on((512, 512)).region.nonzero()
    left, top, right, bottom = plain["boxes"][0]["box"]
    assert (left, top, right - 1, bottom - 1) == (
        region[1].min(),
        region[0].min(),
        region[1].max(),
        region[0].max(),
    )
    assert with_map["map"]

    page.toggle(key="lesion remove again").set_value(True).run()
    again = removed(changed, extent(placed.on((512, 512))))
    assert f"inpainted {described(again)}" in shown_text(page)


def test_a_card_sent_to_learn_is_a_deck_there(page):
    learn = "Cards"
    button(page, "Send to Learn as a card").click().run()
    assert "1 card on the Learn page" in shown_text(page)
    sent = lesion(page)
    page.switch_page("pages/learn.py").run()
    assert learn in group(page, "Deck").options
    group(page, "Deck").set_value("cards").run()
    assert not page.exception
    text = shown_text(page)
    assert "Film 1 of 2" in text
    assert f"Inserted {sent.kind}: present or absent?" in text
    assert "was inserted there" not in text
    group(page, "Your answer").set_value(f"Inserted {sent.kind}").run()
    button(page, "Commit").click().run()
    assert not page.exception
    assert "inserted" in shown_text(page)
    assert "Over 1 of 2 films" in shown_text(page)


def test_a_marked_region_is_inpainted_and_the_answer_compared(page, film):
    group(page, "Lesion").set_value("Remove a lesion").run()
    assert not page.exception
    assert "Mark a region on the film." in shown_text(page)
    region = Region("rectangle", ((100.0, 200.0), (180.0, 280.0)))
    page.session_state["session"].marks["lesion removal", film.sha256] = (region,)
    page.run()
    assert not page.exception
    changed = removed(film, region.mask((512, 512)))
    assert f"original {described(film)}, inpainted {described(changed)}" in shown_text(page)


def test_the_surface_and_the_comparison_of_maps_are_computed_on_request(page, monkeypatch):
    monkeypatch.setattr("xray.ui.whatif.lesions.state.PLACES", 3)
    button(page, "Compute the surface").click().run()
    assert not page.exception
    assert f"{FINDING} without the lesion" in shown_text(page)
    button(page, "Compare the maps").click().run()
    assert not page.exception
    assert "At 3 places, the lesion holds" in shown_text(page)
    assert "Compute the surface" not in [one.label for one in page.button]
    page.number_input(key="lesion x").set_value(200).run()
    assert "Compute the surface" in [one.label for one in page.button], "of another place"
    assert "At 3 places" in shown_text(page), "the place on the film is not one of them"


@pytest.mark.slow
def test_the_verdict_counts_the_lesion_as_the_marked_region(page):
    page.toggle(key="lesion verdict").set_value(True).run()
    assert not page.exception
    assert any("Map: " in one.value for one in page.markdown)
    (checks,) = page.session_state["session"].checks.values()
    location = next(check for check in checks if check.name == "location")
    placed = lesion(page)
    area = placed.on((512, 512)).region
    rows, columns = area.nonzero()
    box = (rows.max() + 1 - rows.min()) * (columns.max() + 1 - columns.min()) / area.size
    assert location.details["share of the film"] == pytest.approx(box, rel=0.1)


def test_the_first_lesion_lies_in_a_lung_and_the_finding_is_no_normal_one(page):
    placed = lesion(page)
    masks = [
        one for key, one in page.session_state["session"].whatif.results.items() if "lesion places" in key
    ]
    assert (placed.x, placed.y) in centers(masks[0], 1, seed=0)
    assert not page.session_state["session"].choice.findings
    page.sidebar.selectbox[0].set_value("pneumonia-mobilenet").run()
    assert group(page, "Finding").value == "Normal", "an answer stays chosen"


def test_a_film_without_a_finding_starts_with_the_finding_that_the_lesion_shows(chest):
    page = opened(chest, "pneumonia-mobilenet")
    assert group(page, "Finding").value == "Pneumonia"
