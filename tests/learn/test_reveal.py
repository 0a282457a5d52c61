"""The table of scores, read by another library, and the model's scores against the model."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from xray.learn.deck import COLUMNS, EACH, WHO, Deck, Played, Question, play, scores_csv
from xray.learn.scores import Answer, Reference, Score
from xray.learn.simulated import Recipe
from xray.models.ensemble import load_model
from xray.pipeline import Request, analyze


def test_the_csv_reads_back_without_names():
    def load():
        raise AssertionError("the table needs no film")

    question = Question("Opacity", "findings-cnn", "Infiltration", load)
    deck = Deck("folder", 7, (question,) * 3, f"3 films of {Path('/home/mustermann/mueller').name}.")
    nowhere = np.zeros((0, 4), np.float32)
    opacity = Reference(True, nowhere, "", labels=("Opacity", "Mass"))
    played = {
        2: Played(Reference(False, nowhere, "", free=True), Score(False, 0.1, True, None, None, 0.01), None),
        0: Played(
            opacity,
            Score(True, 0.85, True, True, 0.28125, 0.0225),
            Score(False, 0.24, False, False, 0.0, 0.5776),
        ),
    }
    text = scores_csv(deck, played)
    table = pd.read_csv(io.StringIO(text))
    assert list(table.columns) == [
        *COLUMNS,
        *(f"{who} {what}" for who in WHO for what in EACH),
    ]
    assert table["film"].tolist() == [1, 3]
    assert table["reference"].tolist() == ["Opacity, Mass", "Nothing"]
    first, last = table.iloc[0], table.iloc[1]
    assert (first["deck"], first["seed"], first["finding"]) == ("folder", 7, "Opacity")
    assert first["reader iou"] == pytest.approx(0.28125)
    assert first["reader brier"] == pytest.approx(0.0225)
    assert (first["reader answer"], first["model answer"]) == ("Opacity", "No opacity")
    assert (first["reader hit"], first["model hit"]) == (1, 0)
    assert last[[f"model {what}" for what in EACH]].isna().all(), "the model refused it"
    assert np.isnan(last["reader hit"])
    for name in ("mustermann", "mueller", "home"):
        assert name not in text.casefold()


@pytest.mark.parametrize(
    ("recipe", "model_id", "finding"),
    [
        (Recipe("chest", 231, True, "L", True), "pneumonia-mobilenet", "Pneumonia"),
        (Recipe("forearm", 200, True, None, False), "fracture-yolov8n", "Fracture"),
    ],
)
def test_the_models_column_equals_its_prediction(recipe, model_id, finding):
    film, reference = recipe.load()
    question = Question("Asked", model_id, finding, recipe.load)
    case = analyze(film, Request(model_id, intervals=False))
    done = play(Answer(True, 0.7), reference, question, case)
    said = load_model(model_id).predict(film, intervals=False)
    probability = float(said.probabilities[said.findings.index(finding)])
    assert done.model is not None
    assert done.model.probability == pytest.approx(probability, abs=1e-5)
    assert done.model.present == said.at_operating_point(finding)
    assert done.model.brier == pytest.approx((probability - reference.present) ** 2, abs=1e-5)
    if reference.present:
        heat = case.explanation(finding).heatmap()
        row, column = np.unravel_index(heat.argmax(), heat.shape)
        left, top, right, bottom = reference.boxes[0]
        near = (left - 8 <= column <= right + 8) and (top - 8 <= row <= bottom + 8)
        assert near or not done.model.hit
    assert (done.without_markers is not None) == reference.marker
    if reference.marker:
        point = float(said.thresholds[said.findings.index(finding)])
        assert (done.without_markers >= point) != (probability >= point), "this letter turns the answer round"


def test_a_film_that_the_gate_refuses_has_no_answer_of_the_model():
    reference = Reference(True, np.array([[0, 0, 4, 4]], np.float32), "planted", marker=True)
    question = Question("Opacity", "findings-cnn", "Infiltration", lambda: None)
    done = play(Answer(True, 0.7, (0, 0, 4, 4)), reference, question, None)
    assert done.model is None
    assert done.without_markers is None
    assert done.reader.iou == 1.0
