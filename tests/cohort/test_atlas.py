"""Embeddings against the network's head, and places against eigenvalues and planted groups."""

import runpy
import sys

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from tests.cohort.conftest import QUICK, rows_of
from xray.cohort import Row
from xray.cohort.atlas import atlas
from xray.errors import UnusableData
from xray.imaging.phantom import chest_phantom
from xray.io import read_radiograph
from xray.models.architectures import last_linear
from xray.models.classifier import load_classifier
from xray.models.embedding import embedding, has_embedding
from xray.models.ensemble import load_model
from xray.pipeline import Request
from xray.settings import ROOT


@pytest.mark.parametrize("model_id", [QUICK, "pneumonia-vit"])
def test_the_head_makes_the_logits_of_the_embedding(contents, model_id):
    model, film = load_classifier(model_id), read_radiograph(contents["a/chest.png"], "chest.png")
    head = last_linear(model.module)
    logits = head.weight.numpy() @ embedding(model, film) + head.bias.numpy()
    assert logits == pytest.approx(model.logits(film)[0].numpy(), abs=1e-4)
    assert not head._forward_pre_hooks


def test_an_ensemble_joins_the_embeddings_of_its_members_and_a_detector_has_none(contents):
    ensemble, film = load_model("pneumonia-ensemble"), read_radiograph(contents["a/chest.png"], "chest.png")
    parts = [embedding(member, film) for member in ensemble.members]
    assert np.array_equal(embedding(ensemble, film), np.concatenate(parts))
    assert has_embedding(ensemble)
    assert not has_embedding(load_model("fracture-yolov8n"))


def planted(generator: np.random.Generator) -> list[Row]:
    """Two distant groups of films in 20 dimensions, a duplicate, and a film without embedding."""
    vectors = generator.normal(size=(60, 20)).astype(np.float32)
    vectors[30:] += 8
    rows = [Row(f"{at}.png", "answered", embedding=vector) for at, vector in enumerate(vectors)]
    rows.insert(10, Row("broken.png", "not read"))
    rows.append(Row("again.png", "answered", duplicate_of="0.png", embedding=vectors[0]))
    return rows


def test_the_places_hold_the_variance_of_the_two_largest_eigenvalues_and_separate_the_groups():
    rows = planted(np.random.default_rng(0))
    found = atlas(rows)
    assert found.numbers.tolist() == [at for at in range(61) if at != 10]
    vectors = np.stack([rows[at].embedding for at in found.numbers])
    eigenvalues = np.linalg.eigvalsh(np.cov(vectors.T.astype(np.float64)))[::-1]
    assert found.places.var(0, ddof=1) == pytest.approx(eigenvalues[:2])
    assert found.explained == pytest.approx(eigenvalues[:2] / eigenvalues.sum())
    first = found.places[:, 0]
    assert max(first[:30].max(), first[30:].max()) > 0 > min(first[:30].min(), first[30:].min())
    assert (np.sign(first[:30]) == np.sign(first[0])).all()
    assert (np.sign(first[30:]) == -np.sign(first[0])).all()
    assert np.array_equal(atlas(rows).places, found.places)


def test_two_films_make_no_atlas():
    with pytest.raises(UnusableData, match="2 films have an embedding"):
        atlas(planted(np.random.default_rng(0))[:2])


def test_films_on_a_line_have_one_direction_and_equal_films_no_atlas():
    steps = np.arange(5, dtype=np.float32)
    rows = [
        Row(f"{at}.png", "answered", embedding=step * np.ones(20, np.float32))
        for at, step in enumerate(steps)
    ]
    found = atlas(rows)
    assert found.explained == pytest.approx((1, 0), abs=1e-9)
    assert np.abs(found.places[:, 0]) == pytest.approx(np.abs(steps - 2) * np.sqrt(20))
    with pytest.raises(UnusableData, match="All films have the same embedding"):
        atlas([rows[1]] * 4)


@pytest.mark.slow
def test_the_example_of_the_documentation_prints_the_figures_of_the_atlas(tmp_path, capsys, monkeypatch):
    films = [chest_phantom(seed, finding=seed % 2 == 0).radiograph for seed in range(6)]
    lines = ["path,labels"]
    for number, film in enumerate(films):
        Image.fromarray(np.rint(255 * film.pixels).astype(np.uint8)).save(tmp_path / f"{number}.png")
        lines.append(f"{number}.png,{'Effusion' if number % 2 == 0 else 'No Finding'}")
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    monkeypatch.setattr(sys, "argv", ["atlas.py", str(tmp_path), QUICK, "Effusion"])
    runpy.run_path(str(ROOT / "docs" / "examples" / "atlas.py"))
    model = load_model(QUICK)
    vectors = [
        embedding(model, read_radiograph(path.read_bytes(), path.name))
        for path in sorted(tmp_path.glob("*.png"))
    ]
    rows = [Row(f"{at}.png", "answered", embedding=vector) for at, vector in enumerate(vectors)]
    found = atlas(rows)
    truth = roc_auc_score([1, 0] * 3, found.places[:, 0])
    printed = capsys.readouterr().out
    assert "6 films, 3 with Effusion" in printed
    assert "{:.1%}, {:.1%}".format(*found.explained) in printed
    assert f"first direction: {max(truth, 1 - truth):.3f} (" in printed


def test_a_row_has_the_embedding_only_on_request(contents):
    some = {"a/chest.png": contents["a/chest.png"], "tiny.png": contents["tiny.png"]}
    rows = rows_of(some, Request(QUICK, None, intervals=False), embeddings=True)
    film = read_radiograph(contents["a/chest.png"], "chest.png")
    assert rows["a/chest.png"].embedding == pytest.approx(embedding(load_model(QUICK), film), abs=1e-6)
    assert rows["tiny.png"].embedding is None
    assert rows_of(some, Request(QUICK, None, intervals=False))["a/chest.png"].embedding is None
