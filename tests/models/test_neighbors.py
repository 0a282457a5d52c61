"""The nearest training films against scikit-learn and SciPy, and the file of the bank."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from typer.testing import CliRunner

from tests.corpus import simulated_png
from xray.cli import app
from xray.errors import InvalidRequest, ModelUnavailable
from xray.io import read_radiograph
from xray.models import neighbors as bank_file
from xray.models.classifier import load_classifier
from xray.models.embedding import embedding
from xray.models.neighbors import (
    HASH,
    NeighborBank,
    decoded,
    distance_sentence,
    encoded,
    neighbor_bank,
    neighbors,
)
from xray.models.registry import entry
from xray.pipeline import Request, analyze
from xray.settings import ROOT
from xray.train.neighbor_bank import MAJORITY, bank_of, majorities

WITH_BANK = ["pneumonia-mobilenet", "pneumonia-vit"]
FINDINGS = ("Normal", "Pneumonia")


def vectors(n: int, size: int = 48) -> np.ndarray:
    return np.random.default_rng(n).normal(1, 1, (n, size)).astype(np.float32)


def small_bank(n: int = 120, size: int = 48) -> NeighborBank:
    """A bank of random embeddings, three films per patient; every third film shows pneumonia."""
    sick = np.arange(n) % 3 == 0
    return bank_of(
        vectors(n, size),
        [str(number // 3) for number in range(n)],
        FINDINGS,
        np.stack([~sick, sick], axis=1).astype(np.float32),
        [f"data/collection/{number}é.png" for number in range(n)],
        [hashlib.sha256(bytes([number])).digest()[:HASH] for number in range(n)],
    )


@pytest.mark.parametrize("model_id", WITH_BANK)
def test_neighbors_of_a_film_are_those_of_scikit_learn(model_id):
    model, film = load_classifier(model_id), read_radiograph(simulated_png(0), "film.png")
    bank = neighbor_bank(model.entry)
    vector = embedding(model, film).astype(np.float64)
    place = (vector / np.linalg.norm(vector) - bank.mean) @ bank.components.T.astype(np.float64)
    found = neighbors(model, film, "pneumonia", called=True, n=6)
    for films, present in ((found.same, True), (found.other, False)):
        among = np.flatnonzero(bank.labels[:, 1] == present)
        fitted = NearestNeighbors(n_neighbors=6).fit(bank.features[among])
        distances, places = fitted.kneighbors(place[None])
        assert [one.name for one in films] == [bank.names[among[at]] for at in places[0]]
        assert [one.distance for one in films] == pytest.approx(distances[0].tolist(), rel=1e-4)
        assert {one.labels for one in films} == {("Pneumonia",) if present else ("Normal",)}
        farther = [(bank.apart > one.distance).mean() for one in films]
        assert [one.closer for one in films] == pytest.approx(farther)
    assert found.trained_on == ""


def test_distances_in_the_bank_are_those_of_the_embeddings_and_apart_is_between_patients():
    bank, given = small_bank(), vectors(120)
    unit = given / np.linalg.norm(given, axis=1, keepdims=True)
    truth = cdist(unit, unit)
    ours = np.stack([bank.distances(place) for place in bank.place(given)])
    assert ours == pytest.approx(truth, abs=2e-3)  # features in half precision
    truth[np.equal.outer(np.arange(120) // 3, np.arange(120) // 3)] = np.inf
    assert bank.apart == pytest.approx(np.quantile(truth.min(1), np.linspace(0, 1, 101)), abs=2e-3)
    assert bank.closer(float(bank.apart[-1])) == 0
    assert bank.closer(0.0) == 1


def test_a_bank_is_the_same_after_writing_and_reading():
    bank = small_bank()
    bank.labels[3, 1] = np.nan
    again = decoded(encoded(bank), FINDINGS)
    assert (again.names, again.hashes) == (bank.names, bank.hashes)
    assert np.array_equal(again.features, bank.features)
    assert np.array_equal(again.labels, bank.labels, equal_nan=True)
    assert again.place(vectors(5)) == pytest.approx(bank.place(vectors(5)), abs=2e-3)


def test_the_majority_is_that_of_scikit_learn():
    bank = small_bank()
    vote = KNeighborsClassifier(MAJORITY).fit(bank.features, bank.labels[:, 1])
    places = bank.place(vectors(40))
    ours = [majorities(bank.labels, bank.distances(place))[1] for place in places]
    assert ours == [bool(said) for said in vote.predict(places)]
    assert 0 < sum(ours) < 40


def test_a_film_of_the_bank_is_named_and_is_not_its_own_neighbor(monkeypatch):
    model, film = load_classifier("pneumonia-mobilenet"), read_radiograph(simulated_png(0), "film.png")
    own = embedding(model, film)
    bank = bank_of(
        np.stack([own, *vectors(9, len(own))]),
        [str(number) for number in range(10)],
        FINDINGS,
        np.tile([[0, 1], [1, 0]], (5, 1)).astype(np.float32),
        [f"{number}.png" for number in range(10)],
        [bytes.fromhex(film.sha256)[:HASH], *(bytes([number] * HASH) for number in range(9))],
    )
    monkeypatch.setattr(bank_file, "neighbor_bank", lambda entry: bank)
    found = neighbors(model, film, "Pneumonia", called=True)
    assert found.trained_on == "0.png"
    assert "0.png" not in {one.name for one in found.same}
    assert len(found.same) == 4


def test_a_missing_or_altered_bank_is_a_sentence():
    facts = entry("pneumonia-mobilenet")
    with pytest.raises(ModelUnavailable, match=r"findings-cnn has no bank .+ neighbors-bank findings-cnn"):
        neighbor_bank(entry("findings-cnn"))
    with pytest.raises(ModelUnavailable, match="is missing"):
        neighbor_bank(facts.model_copy(update={"neighbors": "lost.safetensors"}))
    with pytest.raises(ModelUnavailable, match="is not the file of the registry"):
        neighbor_bank(facts.model_copy(update={"neighbors_sha256": "0" * 64}))
    film = read_radiograph(simulated_png(0), "film.png")
    with pytest.raises(InvalidRequest, match="0 neighbors"):
        neighbors(load_classifier(facts.id), film, "Pneumonia", called=True, n=0)


@pytest.mark.parametrize("model_id", WITH_BANK)
def test_a_bundled_bank_is_small_and_names_files_below_the_training_data(model_id):
    bank = neighbor_bank(entry(model_id))
    assert len(bank.names) == len(bank.features) == len(bank.labels) == len(bank.hashes) > 4000
    assert all(name.startswith("data/") and ".." not in name for name in bank.names)
    assert (ROOT / "weights" / entry(model_id).neighbors).stat().st_size < 1.5e6


def test_the_terminal_lists_neighbors_as_text_and_json(tmp_path):
    (tmp_path / "film.png").write_bytes(simulated_png(0))
    command = ["neighbors", str(tmp_path / "film.png"), "--anyway", "-n", "2", "--finding", "pneumonia"]
    facts = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)
    model, film = load_classifier("pneumonia-mobilenet"), read_radiograph(simulated_png(0), "film.png")
    truth = neighbors(model, film, "Pneumonia", called=facts["called"], n=2)
    assert [one["name"] for one in facts["same"]] == [one.name for one in truth.same]
    assert facts["other"][0]["distance"] == pytest.approx(truth.other[0].distance)
    text = CliRunner().invoke(app, command).stdout
    assert f"film.png: {analyze(film, Request(anyway=True)).answer.statement} Pneumonia is " in text
    assert all(one.name in text for one in (*truth.same, *truth.other))
    assert distance_sentence(truth.same[0]) in text
    near, far = (replace(truth.same[0], distance=0.1234, closer=closer) for closer in (0.25, 0.0))
    assert distance_sentence(near).startswith("distance 0.12, closer than 25% of the training films")
    assert distance_sentence(far).startswith("distance 0.12, farther than training films")
