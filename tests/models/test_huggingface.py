"""Image classifiers of the Hugging Face Hub: probabilities and maps of a model that transformers saved."""

import numpy as np
import pytest
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from tests.models.hub import (
    ID,
    LABELS,
    NORMALIZATIONS,
    fetched,
    film,
    noise,
    predicted_by_transformers,
    resnet,
    saved,
    vit,
)
from xray.models.classifier import load_classifier
from xray.pipeline import Request, analyze


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("build", [vit, resnet])
def test_probabilities_equal_those_of_the_transformers_pipeline(hub_site, tmp_path, build, normalization):
    folder = saved(tmp_path / "repository", build(), normalization)
    facts = fetched(hub_site, folder)
    said = load_classifier(ID).predict(film(noise()), intervals=False)
    assert said.findings == facts.findings == tuple(LABELS.values())
    assert said.probabilities == pytest.approx(predicted_by_transformers(folder, noise()), abs=1e-5)
    assert said.probabilities.std() > 0.01


def test_a_film_of_another_size_is_stretched_as_the_processor_does_it(hub_site, tmp_path):
    folder = saved(tmp_path / "repository")
    fetched(hub_site, folder)
    pixels = noise(90, 70)
    said = load_classifier(ID).predict(film(pixels), intervals=False)
    assert said.probabilities == pytest.approx(predicted_by_transformers(folder, pixels), abs=5e-3)


def test_several_labels_at_once_are_read_through_a_sigmoid(hub_site, tmp_path):
    folder = saved(tmp_path / "repository", vit(problem_type="multi_label_classification"))
    assert fetched(hub_site, folder).activation == "sigmoid"
    said = load_classifier(ID).predict(film(noise()))
    assert said.probabilities == pytest.approx(predicted_by_transformers(folder, noise()), abs=1e-5)


def test_maps_of_a_transformer_are_those_of_pytorch_grad_cam(hub_site, tmp_path):
    fetched(hub_site, saved(tmp_path / "repository"))
    classifier = load_classifier(ID)
    assert classifier.entry.target_layer == "network.vit.layers.1.layernorm_before"
    case = analyze(film(noise()), Request(ID, anyway=True))

    def grid(tokens):
        return tokens[:, 1:].transpose(1, 2).reshape(-1, tokens.shape[2], 4, 4)

    theirs = GradCAM(classifier.module, [classifier.target_layer], grid)
    batch, _ = classifier.prepare(film(noise()))
    with theirs:
        for index, explanation in enumerate(case.explanations):
            theirs(batch.clone().requires_grad_(), [ClassifierOutputTarget(index)])
            activations = theirs.activations_and_grads.activations[0].numpy()[0]
            gradients = theirs.activations_and_grads.gradients[0].numpy()[0]
            expected = (gradients.mean((1, 2))[:, None, None] * activations).sum(0)
            assert explanation.raw_map == pytest.approx(expected, abs=1e-6)
            assert np.abs(expected).max() > 1e-4


def test_maps_of_a_conv_net_come_from_its_last_stage(hub_site, tmp_path):
    facts = fetched(hub_site, saved(tmp_path / "repository", resnet()))
    assert facts.target_layer == "network.resnet.encoder.stages.1"
    case = analyze(film(noise()), Request(ID, anyway=True))
    assert case.explanations[0].raw_map.shape == (4, 4)
    assert np.abs(case.explanations[0].raw_map).max() > 0
