"""Decks of normal films with inserted lesions, and sessions with a model whose threshold is planted."""

import csv
import io
import math

import numpy as np
import pytest
import torch
from torch import nn

from tests.corpus import simulated_png
from tests.evidence.planted import classifier_of
from xray.access import TERMINAL, Visitor
from xray.errors import AccessDenied, UnusableData
from xray.learn.inserted import Base, Design, folder_films, inserted_deck, simulated_films, usable
from xray.learn.threshold import Answered, Session, answers_csv, answers_of, answers_of_model, fit_of
from xray.models.registry import entry
from xray.types import Radiograph

MODEL = entry("pneumonia-mobilenet")
NODULE, DISC = Design("nodule", 0.05), Design("disc", 0.1)
GRAY = 0.3


def deck(seed: int):
    return inserted_deck(simulated_films(seed), NODULE, 0.9, MODEL, "Pneumonia", seed)


@pytest.mark.slow
def test_half_of_a_deck_has_a_lesion_at_a_known_place_and_the_seed_repeats_it():
    shown = [question.film(number) for number, question in enumerate(deck(1).questions)]
    assert sum(reference.present for _, reference in shown) == 4
    assert {question.finding for question in deck(1).questions} == {"Inserted nodule"}
    for film, reference in shown:
        assert film.notes == ()
        assert reference.present == bool(len(reference.boxes))
        if reference.present:
            left, top, right, bottom = reference.boxes[0] / 512
            assert 0.03 < right - left < 0.2
            assert 0.1 < (left + right) / 2 < 0.9
            assert 0.1 < (top + bottom) / 2 < 0.8
    for (film, _), question in zip(shown, deck(1).questions, strict=True):
        assert (question.load()[0].pixels == film.pixels).all()
    assert not (deck(2).questions[0].load()[0].pixels == shown[0][0].pixels).all()


def test_a_folder_gives_only_films_labeled_normal_one_per_patient_and_only_to_whom_it_is_open(tmp_path):
    for number in range(4):
        (tmp_path / f"{number}.png").write_bytes(simulated_png(number))
    rows = ["0.png,No Finding,a", "1.png,No Finding,a", "2.png,Mass,b", "3.png,Mass|No Finding,c"]
    (tmp_path / "labels.csv").write_text("path,labels,patient_id\n" + "\n".join(rows))
    films = folder_films(tmp_path, MODEL, 0, TERMINAL)
    (read,) = films.read
    assert read().name in ("0.png", "1.png")
    with pytest.raises(AccessDenied):
        folder_films(tmp_path, MODEL, 0, Visitor())
    (tmp_path / "labels.csv").write_text("path,labels,patient_id\n2.png,Mass,b\n")
    with pytest.raises(UnusableData, match="is labeled normal"):
        folder_films(tmp_path, MODEL, 0, TERMINAL)


def test_films_without_lungs_cannot_be_used():
    films = simulated_films(1)
    dark = type(films)([lambda: Radiograph(np.zeros((64, 64), np.float32), "dark.png")], "")
    with pytest.raises(UnusableData, match="None of the normal films"):
        usable(dark, MODEL, 4)
    (base,) = usable(films, MODEL, 1)
    assert 0.1 < base.lungs.mean() < 0.5


class Maximum(nn.Module):
    """The log-odds are far above 0 where a pixel is as bright as a disc of a planted contrast makes it."""

    def __init__(self, contrast: float) -> None:
        super().__init__()
        self.layer = nn.ReLU()
        self.brightness = 1 - (1 - GRAY) * math.exp(-contrast)

    def forward(self, films: torch.Tensor) -> torch.Tensor:
        return 1000 * (self.layer(films[:, :1] - GRAY).amax((2, 3)) + GRAY - self.brightness)


EVEN = Base(Radiograph(np.full((96, 96), GRAY, np.float32), "even.png"), np.ones((96, 96), bool))


@pytest.mark.parametrize("contrast", [0.06, 0.3])
def test_the_threshold_of_a_model_is_where_it_was_planted(contrast):
    model = classifier_of(Maximum(contrast), input_size=96, target_layer="layer")
    session = Session([EVEN], DISC, 64, seed=2)
    done, places = answers_of_model(session, model, "Opacity")
    assert all(one.reported == (one.contrast is not None and one.contrast > contrast * 0.999) for one in done)
    assert sum(answers_of(done).false_alarms) == 0
    found = fit_of(done, seed=0)
    assert abs(math.log2(found.threshold.value / contrast)) < 0.35, "steps are half an octave"
    assert found.threshold.low < contrast < found.threshold.high
    assert len(places) == sum(one.reported for one in done)
    assert all(place.hit for place in places)


def test_a_session_shows_each_lesion_where_its_mask_is_and_catch_films_as_they_are():
    session = Session([EVEN], DISC, 16, seed=4)
    done: list[Answered] = []
    for number in range(16):
        contrast = session.contrast(done)
        film, region = session.film(number, contrast)
        assert (film.name, film.notes) == (f"film-{number + 1}.png", ())
        changed = film.pixels - EVEN.film.pixels
        assert region.any() == (contrast is not None) == bool(changed.max() > 1e-4)
        if region.any():
            assert changed[region].min() > 0
            assert changed[~region].max() < changed.max() / 2
        done = session.after(done, reported=number % 2 == 0)
    rows = list(csv.DictReader(io.StringIO(answers_csv({"reader": done}))))
    assert [row["answer"] for row in rows] == ["1", "0"] * 8
    assert [row["lesion"] == "0" for row in rows] == [one.kind == "catch" for one in done]
    assert float(rows[[one.kind for one in done].index("easier")]["contrast"]) == 0.8
