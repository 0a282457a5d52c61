"""The smallest flip for planted models with a known decision boundary."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.audit.planted import Planted, planted_entry
from xray.errors import InvalidRequest
from xray.imaging.phantom import chest_phantom
from xray.models.classifier import Classifier
from xray.models.ensemble import load_model
from xray.types import Radiograph
from xray.whatif.changes import CHANGES
from xray.whatif.response import Flip, flip, response
from xray.whatif.state import State, applied

SIDE = 100
EVEN = Radiograph(np.full((SIDE, SIDE), 0.3, np.float32), "even.png")
STRIPE = Radiograph(np.tile((np.arange(SIDE) < 40).astype(np.float32), (SIDE, 1)), "stripe.png")
MEAN_UP = {"brightness": 21.0, "center": 29.0}  # 0.3 + 0.21 and 0.3 - 0.29 + 0.5 are the first above 0.505


class Alone(nn.Module):
    """One logit."""

    def __init__(self, log_odds: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.log_odds = log_odds

    def forward(self, films: Tensor) -> Tensor:
        return self.log_odds(films[:, 0])[:, None]


def bright(gray: Tensor) -> Tensor:
    """Above 0 where the mean gray is above 0.505."""
    return 20 * (gray.mean((1, 2)) - 0.505)


def middle_column(gray: Tensor) -> Tensor:
    """Above 0 where column 49 is bright."""
    return 10 * (gray[:, :, 49].mean(1) - 0.5)


def sigmoid(log_odds: Callable[[Tensor], Tensor], **facts: object) -> Classifier:
    one = {"findings": ("Opacity",), "thresholds": (0.5,), "activation": "sigmoid"}
    entry = planted_entry(**one | {"input_size": SIDE, "normalization": "unit"} | facts)
    return Classifier(entry, Alone(log_odds))


def softmax(log_odds: Callable[[Tensor], Tensor], thresholds: tuple[float, float]) -> Classifier:
    entry = planted_entry(input_size=SIDE, normalization="unit", thresholds=thresholds)
    return Classifier(entry, Planted(log_odds))


def flips(model: Classifier, film: Radiograph, finding: str) -> list[Flip]:
    return [flip(model, film, finding, name) for name in CHANGES]


def found(model: Classifier, film: Radiograph, finding: str = "Opacity") -> dict[str, float]:
    return {one.change: one.value for one in flips(model, film, finding) if one.value is not None}


def test_the_border_is_found_to_one_step_and_none_where_there_is_none():
    told = {one.change: one for one in flips(sigmoid(bright), EVEN, "opacity")}
    assert list(told) == list(CHANGES)
    assert {name: one.value for name, one in told.items() if one.value is not None} == MEAN_UP
    for name, value in MEAN_UP.items():
        mean = 0.51
        assert told[name].probability == pytest.approx(1 / (1 + np.exp(-20 * (mean - 0.505))), abs=1e-3)
        assert CHANGES[name].low <= value <= CHANGES[name].high
    unmoved = 1 / (1 + np.exp(-20 * (0.3 - 0.505)))
    assert told["rotation"].probability == pytest.approx(unmoved, abs=1e-5)


def test_an_answer_that_is_there_is_flipped_away():
    dark = sigmoid(lambda gray: -bright(gray) - 20 * 0.35)  # above 0 where the mean is below 0.155
    darker = found(dark, EVEN)
    assert darker["brightness"] == -15.0
    assert darker["center"] == 65.0


def test_the_nearer_flip_wins_within_the_range():
    assert found(sigmoid(middle_column), STRIPE)["across"] == 10.0  # column 49 shows column 39
    beyond = Radiograph(np.tile((np.arange(SIDE) < 15).astype(np.float32), (SIDE, 1)), "beyond.png")
    assert "across" not in found(sigmoid(middle_column), beyond)
    both = np.arange(SIDE)
    film = np.tile(((both < 30) | (both >= 56)).astype(np.float32), (SIDE, 1))
    assert found(sigmoid(middle_column), Radiograph(film, "both.png"))["across"] == -7.0


def test_softmax_findings_flip_at_complementary_operating_points():
    model = softmax(lambda gray: 2 * bright(gray), (0.7, 0.3))
    first = np.log(0.3 / 0.7) / 40 + 0.505 - 0.3  # the brightness at which Opacity reaches 0.3
    assert found(model, EVEN)["brightness"] == np.ceil(first * 100)
    assert found(model, EVEN, "Normal") == found(model, EVEN)


def test_passes_are_those_that_were_made():
    made, model = [], sigmoid(bright)
    handle = model.module.register_forward_hook(lambda *_: made.append(1))
    for name in CHANGES:
        one = flip(model, EVEN, "Opacity", name)
        assert one.passes == len(made)
        assert one.passes <= 32
        made.clear()
    handle.remove()


def test_an_unknown_finding_is_reported():
    with pytest.raises(InvalidRequest, match="does not report 'Gout'"):
        flip(sigmoid(bright), EVEN, "Gout", "blur")


@pytest.fixture(scope="module")
def chest() -> Radiograph:
    return chest_phantom(1, size=(160, 128)).radiograph


@pytest.mark.parametrize("model_id", ["pneumonia-mobilenet", "findings-cnn"])
def test_a_response_is_what_the_model_predicts_of_each_film(model_id, chest):
    model, film = load_model(model_id), chest
    state = State((("blur", 0.5),), ((30, 30, 60, 60),))
    told = response(model, film, state, "rotation", points=4)
    assert told.values.tolist() == [-90, -30, 0, 30, 90]
    for value, said in zip(told.values, told.probabilities, strict=True):
        film_then = applied(film, state.at("rotation", float(value)))
        assert np.array_equal(said, model.predict(film_then, intervals=False).probabilities)


@pytest.mark.parametrize(
    "model_id", [pytest.param("pneumonia-mobilenet", marks=pytest.mark.slow), "findings-cnn"]
)
def test_a_flip_crosses_the_operating_point_and_the_step_before_does_not(model_id, chest):
    model, film = load_model(model_id), chest
    finding = model.predict(film, intervals=False).most_likely
    with torch.inference_mode():
        before = model.predict(film, intervals=False).at_operating_point(finding)
        for one in flips(model, film, finding):
            if one.value is None:
                continue
            change = CHANGES[one.change]
            step = change.step if one.value > change.neutral else -change.step
            values = (one.value, round(one.value - step, 6))
            said = [
                model.predict(applied(film, State(((one.change, value),))), intervals=False)
                for value in values
            ]
            assert [it.at_operating_point(finding) != before for it in said] == [True, False]
            index = model.entry.findings.index(finding)
            assert said[0].probabilities[index] == one.probability
