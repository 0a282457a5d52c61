"""Only the intended layers are randomized, and maps that ignore the network fail."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.evidence.planted import (
    FINDING,
    classifier_of,
    context_of,
    finder,
    judged,
    method_of,
    striped,
    verdicts,
)
from xray.evidence import CHECKS, Candidate, check
from xray.evidence.baseline_maps import edges, gaussian
from xray.evidence.measures import complexity
from xray.evidence.weight_randomization import SHARES, randomized
from xray.explain import METHODS, explain
from xray.models.classifier import Classifier, load_classifier
from xray.models.ensemble import Ensemble

FORGOTTEN = {0.1: 1, 0.25: 1, 0.5: 2, 0.75: 4, 1.0: 5}  # of five layers
IGNORANT = {"edges": edges, "gaussian": lambda film: gaussian(film.shape), "even": np.ones_like}


def learned(seed: int) -> Classifier:
    """Five layers without initial values."""
    first = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4)
    module = nn.Sequential(nn.Sequential(*first), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 1))
    generator = torch.Generator().manual_seed(seed)
    for values in module.state_dict().values():
        values.copy_(torch.rand(values.shape, generator=generator) + 0.5)
    return classifier_of(module)


def values_of(model: Classifier) -> dict[str, list[Tensor]]:
    """The tensors of every layer, by name, in the order of the layers."""
    held: dict[str, list[Tensor]] = {}
    for name, values in model.module.state_dict().items():
        held.setdefault(name.rpartition(".")[0], []).append(values.clone())
    return held


def differ(one: Classifier, other: Classifier) -> list[bool]:
    pairs = zip(values_of(one).values(), values_of(other).values(), strict=True)
    return [any(not torch.equal(*some) for some in zip(*pair, strict=True)) for pair in pairs]


@pytest.mark.parametrize("share", SHARES)
def test_the_last_share_of_layers_is_randomized_and_the_others_are_unchanged(share):
    model, number = learned(0), FORGOTTEN[share]
    forgot = randomized(model, share)
    assert differ(model, forgot) == [False] * (5 - number) + [True] * number
    if number > 1:
        weight, bias, mean, variance, seen = (one.tolist() for one in values_of(forgot)["0.4"])
        assert weight == variance == [1] * 4
        assert (bias, mean, seen) == ([0] * 4, [0] * 4, 0), "as if it had seen nothing"


def test_every_step_keeps_what_the_steps_before_drew():
    some, more = (values_of(randomized(learned(0), share)) for share in (0.5, 0.75))
    for name in list(some)[-2:]:
        assert all(torch.equal(*pair) for pair in zip(some[name], more[name], strict=True)), name


def test_tokens_and_positions_are_forgotten_too():
    vit = load_classifier("pneumonia-vit")
    whole = randomized(vit, 1.0).module.state_dict()
    for name, values in vit.module.named_parameters():
        if values.ndim > 1:
            assert not torch.equal(values, whole[name]), name


def test_the_network_itself_and_the_order_of_chance_are_left_alone():
    model, before = learned(0), learned(0)
    chance = torch.get_rng_state()
    randomized(model, 1.0)
    assert torch.equal(torch.get_rng_state(), chance)
    assert not any(differ(model, before))


def test_copies_are_made_once_per_network_and_share_its_unchanged_weights():
    model = learned(0)
    half = randomized(model, 0.5)
    assert randomized(model, 0.5) is half
    assert randomized(model, 0.5, seed=1) is not half
    assert half.module[0][0].weight.data_ptr() == model.module[0][0].weight.data_ptr()


def test_random_weights_do_not_depend_on_trained_weights():
    first = randomized(learned(0), 1.0)
    torch.rand(7)
    assert not any(differ(first, randomized(learned(1), 1.0)))


def test_every_member_of_an_ensemble_forgets():
    members = learned(0), learned(1)
    forgot = randomized(Ensemble(members[0].entry, members), 0.5)
    for before, after in zip(members, forgot.members, strict=True):
        assert differ(before, after) == [False, False, False, True, True]


def test_randomization_starts_at_the_output_and_keeps_the_scale_of_activations():
    """Weights spread as He et al. (2015) found: by the square root of 2 over what comes in."""
    model = load_classifier("findings-cnn")
    for share in (0.1, 0.5):
        changed = differ(model, randomized(model, share))
        assert changed == sorted(changed), "nothing is kept behind what is forgotten"
        assert np.mean(changed) == pytest.approx(share, abs=0.06)
    for held in values_of(randomized(model, 1.0)).values():
        if held[0].numel() > 1000:
            assert held[0].std() * (held[0][0].numel() / 2) ** 0.5 == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("name", ["gradcam", pytest.param("integrated-gradients", marks=pytest.mark.slow)])
def test_the_map_of_a_network_that_has_learned_passes(name):
    assert verdicts("randomization", judged(METHODS[name])).count("passed") >= 10


@pytest.mark.parametrize("name", ["edges", "gaussian"])
def test_an_edge_map_and_a_constant_map_fail_randomization(name):
    method = method_of(name, IGNORANT[name])
    limits = judged(METHODS["gradcam"])[0].limits
    assert limits["randomization"].value < 0.9
    found = check(context_of(finder(), striped(0), method, FINDING, limits=limits), "randomization")
    assert found.value == pytest.approx(1)
    assert found.curves["rank correlation"] == pytest.approx(np.ones(len(SHARES)))
    assert found.curves["SSIM"] == pytest.approx(np.ones(len(SHARES)))
    assert found.verdict == "failed"


def test_a_uniform_map_fails_randomization():
    limits = judged(METHODS["gradcam"])[0].limits
    even = context_of(finder(), striped(0), method_of("even", np.ones_like), FINDING, limits=limits)
    assert check(even, "randomization").verdict != "passed"


def test_the_map_of_a_network_that_has_forgotten_all_fails_deletion():
    """The map highlights a region that the prediction does not depend on."""
    films, own = [], judged(METHODS["integrated-gradients"])
    for one in own:
        made = explain(randomized(one.film.model, 1.0), one.film.radiograph, one.method, [FINDING])[1][0]
        films.append(replace(one, candidate=Candidate(made.heatmap(), one.candidate.remake)))
    assert verdicts("deletion", films).count("failed") >= 10
    assert verdicts("deletion", own).count("passed") >= 10


def test_the_complexity_of_a_map_is_the_entropy_of_its_histogram():
    """Half the cells in each of two bins: ln 2; a constant map: 0."""
    halves = np.repeat(np.array([0.0, 1.0], np.float32), 32).reshape(8, 8)
    assert complexity(halves) == pytest.approx(np.log(2))
    assert complexity(np.ones((8, 8), np.float32)) == 0


def test_the_entropy_of_a_map_that_ignores_the_model_does_not_rise():
    for name in ("edges", "even"):
        own = context_of(finder(), striped(0), method_of(name, IGNORANT[name]), FINDING)
        assert CHECKS["randomization"].measure(own, own.candidate).details["eMPRT"] == 0


@pytest.mark.slow
def test_the_rise_of_the_entropy_is_that_of_quantus(monkeypatch):
    """Put to our randomized network, Quantus finds the same value."""
    quantus = pytest.importorskip("quantus")
    one = judged(METHODS["gradcam"])[0]
    steps = [("all", one.film.randomized_models[1.0].module)]
    wrapped = quantus.helpers.model.pytorch_model.PyTorchModel
    monkeypatch.setattr(wrapped, "get_random_layer_generator", lambda _self, **_options: iter(steps))
    monkeypatch.setattr(wrapped, "random_layer_generator_length", len(steps))

    def explained(model: nn.Module, inputs, targets, **_options):
        remade = one.candidate.remake(Classifier(one.film.model.entry, model), one.film.radiograph)
        return remade[None, None]

    metric = quantus.EfficientMPRT(disable_warnings=True)
    film = np.repeat(one.film.radiograph.pixels[None, None], 3, axis=1)
    (theirs,) = metric(one.film.model.module, film, np.zeros(1, int), explain_func=explained)
    ours = CHECKS["randomization"].measure(one, one.candidate).details["eMPRT"]
    assert abs(ours) > 1e-3
    assert ours == pytest.approx(float(theirs), abs=1e-6)


@pytest.mark.slow
def test_the_cascade_is_that_of_quantus(monkeypatch):
    """Its networks begin anew as their layers do by default, in steps of a layer; put to ours, it finds the
    same rank correlation at each step, and 1 where an edge detector stands for the method.
    """
    quantus = pytest.importorskip("quantus")
    one = judged(METHODS["gradcam"])[0]
    steps = [(f"{share}", model.module) for share, model in one.film.randomized_models.items()]
    wrapped = quantus.helpers.model.pytorch_model.PyTorchModel
    monkeypatch.setattr(wrapped, "get_random_layer_generator", lambda _self, **_options: iter(steps))
    monkeypatch.setattr(wrapped, "random_layer_generator_length", len(steps))
    film = np.repeat(one.film.radiograph.pixels[None, None], 3, axis=1)
    metric = quantus.MPRT(normalise=False, abs=False, disable_warnings=True)
    for method in (METHODS["gradcam"], method_of("edges", edges)):

        def explained(model: nn.Module, inputs, targets, method=method, **_options):
            made = explain(Classifier(one.film.model.entry, model), one.film.radiograph, method, [FINDING])[
                1
            ][0]
            return made.heatmap()[None, None]

        own = context_of(one.film.model, one.film.radiograph, method, FINDING)
        ours = CHECKS["randomization"].measure(own, own.candidate).curves["rank correlation"]
        theirs = metric(one.film.model.module, film, np.zeros(1, int), explain_func=explained)
        assert theirs.pop("original") == pytest.approx([1])
        assert ours == pytest.approx([float(np.squeeze(value)) for value in theirs.values()], abs=1e-5)
