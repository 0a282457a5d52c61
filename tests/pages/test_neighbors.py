"""The most similar training films on the Analyze page: off by default, with pictures where the films are."""

import numpy as np
import pytest

from tests.pages.analyze import opened
from tests.pages.conftest import shown_text
from xray.models.ensemble import model_of
from xray.models.neighbors import neighbors
from xray.settings import settings

LABEL = "Most similar training films and their labels"


def toggled(page):
    next(one for one in page.toggle if one.label == LABEL).set_value(True)
    return page.run()


def test_neighbors_are_those_of_the_model_and_without_the_films_only_text(chest, monkeypatch, tmp_path):
    monkeypatch.setenv("XRAY_TRAINING_DATA", str(tmp_path))
    settings.cache_clear()
    page = opened(("chest.png", chest))
    assert "Same answer" not in shown_text(page)
    toggled(page)
    assert not page.exception
    (case,) = page.session_state["session"].cases.values()
    finding = case.answer.finding
    called = case.prediction.at_operating_point(finding)
    found = neighbors(model_of(case.prediction), case.radiograph, finding, called)
    text = shown_text(page).replace("\\", "")
    for film in (*found.same, *found.other):
        assert film.name.rpartition("/")[2] in text
        assert f"Distance {film.distance:.2f}, " in text
    assert f"closer than {found.same[0].closer:.0%} of the training films" in text
    assert not page.session_state["session"].neighbor_pictures
    settings.cache_clear()


def test_a_training_film_is_named_and_the_others_are_shown_with_their_maps():
    films = settings().training_data / "data" / "pneumonia" / "train" / "NORMAL"
    path = next(iter(sorted(films.glob("*"))), None)
    if path is None:
        pytest.skip("the pneumonia films are not at hand (XRAY_TRAINING_DATA)")
    page = opened((path.name, path.read_bytes()))
    toggled(page)
    assert not page.exception
    text = shown_text(page).replace("\\", "")
    assert f"trained on this film (data/pneumonia/train/NORMAL/{path.name})" in text
    pictures = page.session_state["session"].neighbor_pictures
    assert len(pictures) == 8
    assert all(np.ptp(picture.reshape(-1, 3), axis=1).max() > 50 for picture in pictures.values())  # colored


def test_a_model_without_a_bank_does_not_offer_them(chest):
    page = opened(("chest.png", chest))
    choice = next(one for one in page.selectbox if one.label == "Model")
    page = choice.set_value("findings-cnn").run()
    assert not page.exception
    assert LABEL not in [one.label for one in page.toggle]
