"""Every method against another library, a plain loop, or hand-computed values."""

import copy
from collections import OrderedDict

import numpy as np
import pytest
import pytorch_grad_cam as library
import torch
from captum.attr import Occlusion
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn

from tests.detectors import FACTS
from tests.explain.test_gradcam import drawn
from xray.explain import METHODS, ExplainRequest
from xray.explain.perturbed import MASKS, SHOWN, soft_masks
from xray.imaging.phantom import simulated_samples
from xray.models.architectures import as_grid
from xray.models.classifier import Classifier, load_classifier
from xray.models.registry import ModelEntry

FINDINGS = 6


def small() -> nn.Module:
    """A dense head on a 7 x 7 grid of a film of 25: its gradients differ from place to place."""
    torch.manual_seed(1)
    layers = nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 8, 3, 2, 1), nn.ReLU()
    head = nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Linear(72, 16), nn.ReLU(), nn.Linear(16, FINDINGS)
    return nn.Sequential(OrderedDict(features=nn.Sequential(*layers), head=nn.Sequential(*head)))


def mobilenet() -> nn.Module:
    module = copy.deepcopy(load_classifier("findings-mobilenet").module).requires_grad_(True)
    module.classifier[-1].bias.data += 2  # logits of both signs; all are negative on the film of this test
    return module


def film(height: int, width: int, seed: int = 0) -> Tensor:
    return torch.randn(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def classifier_of(module: nn.Module, layer: str = "features", findings: int = FINDINGS) -> Classifier:
    names = tuple(f"finding {number}" for number in range(findings))
    facts = {"architecture": "", "findings": names, "thresholds": (0.5,) * findings, "target_layer": layer}
    return Classifier(ModelEntry.model_validate(FACTS | facts), module)


def maps_of(name: str, classifier: Classifier, batch: Tensor, findings: list[int]) -> np.ndarray:
    return METHODS[name].explain(ExplainRequest(classifier, batch, findings)).numpy()


CAMS = {
    "hirescam": library.HiResCAM,
    "layercam": library.LayerCAM,
    "gradcam++": library.GradCAMPlusPlus,
    "xgradcam": library.XGradCAM,
    "finercam": library.FinerCAM,
    "scorecam": library.ScoreCAM,
    "ablationcam": library.AblationCAM,
}


@pytest.mark.parametrize(
    ("name", "network", "side", "layer"),
    [(name, small, 25, "features") for name in CAMS]
    + [(name, mobilenet, 96, "features") for name in list(CAMS)[:5]]
    + [("scorecam", small, 25, "features.2")]  # before its ReLU, with both signs
    + [("scorecam", small, 32, "features")],  # whose masks do not fall on the pixels of the film
)
def test_class_activation_maps_are_those_of_the_library(name, network, side, layer):
    """The library divides each Ablation-CAM weight by the logit, which inverts the map if it is negative."""
    module, batch = network().eval(), film(side, side)
    findings = list(reversed(range(FINDINGS)))
    maps = maps_of(name, classifier_of(copy.deepcopy(module), layer), batch, findings)
    logits = module(batch)[0].tolist()
    assert min(logits) < 0 < max(logits)
    with CAMS[name](module, [module.get_submodule(layer)]) as cam:
        for finding, raw_map in zip(findings, maps, strict=True):
            one = {"targets": [ClassifierOutputTarget(finding)]}
            theirs = cam(batch, **{"target_idx": finding} if name == "finercam" else one)[0]
            assert np.abs(raw_map).max() > 1e-4
            shown = raw_map / logits[finding] if name == "ablationcam" else raw_map
            assert drawn(shown, side) == pytest.approx(theirs, abs=1e-4)


def test_eigen_cam_equals_the_library_with_the_largest_magnitude_positive():
    module, batch = small().eval(), film(25, 25)
    first, second = maps_of("eigencam", classifier_of(copy.deepcopy(module)), batch, [0, 5])
    with library.EigenCAM(module, [module.features]) as cam:
        theirs = cam(batch, None)[0]
    assert min(np.abs(drawn(sign * first, 25) - theirs).max() for sign in (1, -1)) < 1e-4
    assert first.max() >= -first.min() > 0
    assert np.array_equal(first, second)


@pytest.mark.parametrize(("model_id", "axis"), [("pneumonia-vit", 2), ("fracture-yolov8n", 1)])
def test_ablation_cam_of_tokens_and_of_boxes_is_that_of_a_plain_loop(model_id, axis):
    classifier, batch = load_classifier(model_id), film(64, 64)
    held = []
    finding = len(classifier.entry.findings) - 1

    def logit_without(channel: int | None) -> float:
        def without(_module, _inputs, output):
            held.append(output)
            return output.index_fill(axis, torch.tensor([] if channel is None else [channel]).long(), 0)

        handle = classifier.target_layer.register_forward_hook(without)
        with torch.no_grad():
            logit = classifier.module(batch)[0, finding].item()
        handle.remove()
        return logit

    plain = logit_without(None)
    falls = [plain - logit_without(channel) for channel in range(held[0].shape[axis])]
    expected = np.einsum("c,chw->hw", falls, as_grid(held[0])[0].numpy())
    (raw_map,) = maps_of("ablationcam", classifier, batch, [finding])
    assert raw_map == pytest.approx(expected, abs=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("name", [*CAMS, "gradcam", "eigencam"])
def test_an_output_that_the_next_layer_overwrites_is_captured_unchanged(name):
    classifiers = [classifier_of(small()), classifier_of(small())]
    for classifier, inplace in zip(classifiers, (True, False), strict=True):
        classifier.module.features.pop(3)
        classifier.module.head.insert(0, nn.ReLU(inplace))
    over, kept = (maps_of(name, classifier, film(25, 25), [1, 0]) for classifier in classifiers)
    assert np.array_equal(over, kept)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (48, 80), (50, 39)])
def test_occlusion_is_that_of_captum(height, width):
    module, batch = small().eval(), film(height, width)
    side, step = min(height, width) // 8, min(height, width) // 16
    maps = maps_of("occlusion", classifier_of(module), batch, [5, 1])
    gray = batch.mean((2, 3), keepdim=True).expand_as(batch)
    for finding, raw_map in zip((5, 1), maps, strict=True):
        theirs = Occlusion(module).attribute(batch, (3, side, side), (3, step, step), gray, target=finding)
        assert np.abs(raw_map).max() > 1e-4
        assert raw_map == pytest.approx(theirs[0, 0].numpy(), abs=1e-6)


def linear(weights: Tensor) -> Classifier:
    """Logits (K) that are sums of weighted pixels (K, 3, h, w)."""
    module = nn.Sequential(
        nn.Identity(), nn.Flatten(), nn.Linear(weights[0].numel(), len(weights), bias=False)
    )
    module[2].weight.data = weights.flatten(1)
    return classifier_of(module, "0", len(weights))


def test_integrated_gradients_and_smoothgrad_of_a_linear_network_by_hand():
    weights, batch = torch.cat([film(9, 7, seed=1), film(9, 7, seed=2)]), film(9, 7)
    above = batch - batch.mean((2, 3), keepdim=True)
    maps = maps_of("integrated-gradients", linear(weights), batch, [1, 0])
    assert maps == pytest.approx((weights * above).sum(1).flip(0).numpy(), abs=1e-5)
    maps = maps_of("smoothgrad", linear(weights), batch, [1, 0])
    assert maps == pytest.approx(weights.sum(1).abs().flip(0).numpy(), abs=1e-5)


@pytest.mark.parametrize("model_id", ["findings-cnn", pytest.param("pneumonia-vit", marks=pytest.mark.slow)])
def test_integrated_gradients_add_up_to_what_the_film_changes(model_id):
    classifier = load_classifier(model_id)
    batch, _ = classifier.prepare(simulated_samples()[1].build().radiograph)
    last = len(classifier.entry.findings) - 1
    (raw_map,) = maps_of("integrated-gradients", classifier, batch, [last])
    with torch.no_grad():
        seen, gray = (
            classifier.module(one)[0, last].item()
            for one in (batch, batch.mean((2, 3), keepdim=True).expand_as(batch))
        )
    assert raw_map.sum() == pytest.approx(seen - gray, rel=0.01)


class Cubes(nn.Module):
    def forward(self, films):
        return (films**3).flatten(1).sum(1, keepdim=True)


def test_smoothgrad_sees_noise_of_fifteen_hundredths_of_the_range():
    """The slope of x^3 is 3 x^2, and its mean under noise s is 3 x^2 + 3 s^2."""
    batch = torch.zeros(1, 3, 64, 64)
    batch[..., 32:] = 2.0
    (raw_map,) = maps_of("smoothgrad", classifier_of(Cubes(), "", 1), batch, [0])
    noise = 3 * 3 * (0.15 * 2) ** 2
    assert raw_map[:, :32].mean() == pytest.approx(noise, rel=0.03)
    assert raw_map[:, 32:].mean() == pytest.approx(3 * 3 * 2**2 + noise, rel=0.03)


def test_rise_is_a_plain_loop_over_its_masks_and_finds_the_square():
    batch = film(64, 48, seed=3) / 10
    batch[..., 16:32, 24:40] += 2
    weights = torch.zeros(1, 3, 64, 48)
    weights[..., 16:32, 24:40] = 1 / 16**2
    (raw_map,) = maps_of("rise", linear(weights), batch, [0])
    masks, pixels = soft_masks((64, 48), MASKS)[:, 0].numpy().astype(float), batch[0].numpy().astype(float)
    gray = pixels.mean((1, 2), keepdims=True)
    said = [float(((gray + (pixels - gray) * mask) * weights[0].numpy()).sum()) for mask in masks]
    expected = sum((one - np.mean(said)) * mask for one, mask in zip(said, masks, strict=True)) / masks.sum(0)
    assert raw_map == pytest.approx(expected, abs=1e-4)
    inside = weights[0, 0].numpy() > 0
    assert raw_map[inside].mean() > 5 * np.abs(raw_map[~inside]).mean()


def test_masks_of_rise_show_every_place_as_often():
    masks = soft_masks((64, 48), 2000)
    assert masks.shape == (2000, 1, 64, 48)
    assert masks.min() == 0
    assert masks.max() == 1
    assert masks.mean(0) == pytest.approx(np.full((1, 64, 48), SHOWN), abs=0.05)
    assert torch.equal(masks, soft_masks((64, 48), 2000))
