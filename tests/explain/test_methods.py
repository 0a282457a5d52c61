"""Every registered method on every bundled network: output, side effects, refusals."""

import copy
import re
from functools import cache

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.conftest import gradient_film, networks
from tests.detectors import FACTS
from xray.errors import InvalidRequest
from xray.explain import METHODS, ExplainRequest, explain, offered
from xray.imaging.phantom import simulated_samples
from xray.models.architectures import as_grid
from xray.models.classifier import Classifier, load_classifier
from xray.models.ensemble import Ensemble, load_model
from xray.models.registry import ModelEntry, entry
from xray.models.weights import module_of
from xray.types import Radiograph

LONG = [name for name, one in METHODS.items() if not one.explains_all]
ATTENTION = {"rollout", "gradient-rollout", "legrad", "attnlrp"}  # need a Transformer
SIDE = 64  # pixels of a film here: every network can read it, and it is quick


@cache
def phantom() -> Radiograph:
    return simulated_samples()[1].build().radiograph


@pytest.fixture(autouse=True)
def few_masks(monkeypatch):
    monkeypatch.setattr("xray.explain.perturbed.MASKS", 40)


def small_film(classifier: Classifier) -> Tensor:
    batch, _ = classifier.prepare(phantom())
    return functional.interpolate(batch, (SIDE, SIDE), mode="bilinear", antialias=True)


def logits_and_grid(classifier: Classifier, batch: Tensor) -> tuple[Tensor, tuple[int, ...]]:
    grids = []
    handle = classifier.target_layer.register_forward_hook(
        lambda _module, _inputs, output: grids.append(tuple(as_grid(output).shape[2:]))
    )
    with torch.inference_mode():
        logits = classifier.module(batch)
    handle.remove()
    return logits, grids[0]


def state(classifier: Classifier) -> tuple:
    """The state that a method has to restore."""
    modules = [
        (
            one.training,
            getattr(one, "fused_attn", None),
            *map(len, (one._forward_hooks, one._forward_pre_hooks, one._backward_hooks)),
        )
        for one in classifier.module.modules()
    ]
    parameters = [(one.requires_grad, one.grad is None) for one in classifier.module.parameters()]
    ours = classifier.lock.locked(), torch.is_grad_enabled(), torch.get_rng_state().tolist()
    return modules, parameters, ours


@pytest.mark.parametrize(
    "model_id", networks("densenet121", "xception_small", "mobilenet_v2", once=True)
)  # 1,024 channels and more
def test_maps_are_whole_and_the_network_is_as_before(model_id):
    classifier = Classifier(entry(model_id), module_of(entry(model_id)))  # that no other test has seen
    batch, findings = small_film(classifier), [len(classifier.entry.findings) - 1, 0]
    film, before = batch.clone(), state(classifier)
    said, grid = logits_and_grid(classifier, batch)
    for name, refusal in offered(classifier).items():
        if refusal:
            continue
        maps = METHODS[name].explain(ExplainRequest(classifier, batch, findings))
        assert maps.shape == (2, *((SIDE, SIDE) if METHODS[name].on_film else grid)), name
        assert torch.isfinite(maps).all(), name
        assert (maps.flatten(1).abs().amax(1) > 0).all(), name
        assert state(classifier) == before, name
        assert torch.equal(batch, film), name
        assert not batch.requires_grad, name
        assert torch.equal(logits_and_grid(classifier, batch)[0], said), name


@pytest.mark.parametrize(
    ("name", "layer"), [("gradcam", "blocks.5"), ("attnlrp", "patch_embed"), ("legrad", "blocks")]
)
def test_a_map_names_the_layer_at_which_it_was_computed(name, layer):
    model = load_classifier("pneumonia-vit")
    assert model.module.get_submodule(layer)
    _, (explanation,) = explain(model, phantom(), METHODS[name], ("Pneumonia",))
    assert explanation.layer == layer


class Failing(nn.Module):
    """A head that fails after a number of calls."""

    def __init__(self, head: nn.Module, answers: int) -> None:
        super().__init__()
        self.head, self.left = head, answers

    def forward(self, features):
        if not self.left:
            raise RuntimeError("out of memory")
        self.left -= 1
        return self.head(features)


def failing(name: str, answers: int) -> Classifier:
    """A network that a method supports."""
    shared = load_classifier("pneumonia-vit" if name in ATTENTION else "findings-cnn")
    module = copy.deepcopy(shared.module)
    head = "head" if name in ATTENTION else "classifier"
    setattr(module, head, Failing(module.get_submodule(head), answers))
    return Classifier(shared.entry, module)


@pytest.mark.parametrize(("name", "answers"), [(name, 0) for name in METHODS] + [(name, 1) for name in LONG])
def test_a_network_that_breaks_is_left_as_it_was(name, answers):
    classifier = failing(name, answers)
    batch, before = small_film(classifier), state(classifier)
    with pytest.raises(RuntimeError, match="out of memory"):
        METHODS[name].explain(ExplainRequest(classifier, batch, [0, 1]))
    assert state(classifier) == before
    assert not batch.requires_grad


@pytest.mark.parametrize("name", sorted(METHODS.keys() - LONG))
def test_one_pass_is_one_pass_for_all_findings(name):
    classifier = failing(name, answers=1)
    METHODS[name].explain(ExplainRequest(classifier, small_film(classifier), [0, 1]))
    assert classifier.module.get_submodule("head" if name in ATTENTION else "classifier").left == 0


@pytest.mark.parametrize("name", LONG)
def test_long_work_can_be_ended_and_leaves_nothing_behind(name):
    classifier = load_classifier("findings-cnn")
    batch, before = small_film(classifier), state(classifier)

    def stop(share: float) -> None:
        assert 0 < share < 1
        raise InterruptedError

    with pytest.raises(InterruptedError):
        METHODS[name].explain(ExplainRequest(classifier, batch, [0, 1], stop))
    assert state(classifier) == before


@pytest.mark.parametrize("name", LONG)
def test_progress_of_long_work_is_reported_to_the_end(name):
    classifier, told = load_classifier("findings-cnn"), []
    METHODS[name].explain(ExplainRequest(classifier, small_film(classifier), [0, 1], told.append))
    assert told == sorted(set(told))
    assert told[0] > 0
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("model_id", "unfit"),
    [
        ("findings-cnn", ATTENTION),
        ("pneumonia-vit", {"finercam"}),
        ("pneumonia-ensemble", {*ATTENTION, "finercam"}),  # one member is no Transformer
        ("findings-ensemble", ATTENTION),
    ],
)
def test_a_method_that_does_not_fit_is_refused_with_its_reason(model_id, unfit):
    model = load_model(model_id)
    reasons = {name: reason for name, reason in offered(model).items() if reason}
    assert reasons.keys() == unfit
    for name, reason in reasons.items():
        assert re.fullmatch(r"It (needs the attention of a Vision|compares a finding with) .+\.", reason)
        with pytest.raises(InvalidRequest, match=f"does not fit {model_id}. {re.escape(reason)}"):
            explain(model, gradient_film(), METHODS[name], model.entry.findings[:1])


def linear(seed: int, scale: tuple[float, float]) -> Classifier:
    """Two logits, each a sum of weighted pixels; calibrated by a scale."""
    facts = {"architecture": "linear", "findings": ("one", "two"), "thresholds": (0.5, 0.5), "scale": scale}
    more = {"input_size": 8, "fit": "stretch", "target_layer": "0"}
    torch.manual_seed(seed)
    module = nn.Sequential(nn.Identity(), nn.Flatten(), nn.Linear(3 * 8 * 8, 2))
    return Classifier(ModelEntry.model_validate(FACTS | facts | more), module)


def test_an_ensembles_map_is_the_mean_of_its_members_maps_as_calibrated():
    members = linear(1, (2.0, 0.5)), linear(2, (1.0, 3.0))
    film, told = gradient_film(8, 8), []
    ensemble = Ensemble(members[0].entry, members)
    _, (two, one) = explain(ensemble, film, METHODS["integrated-gradients"], ["two", "one"], told.append)
    above = torch.from_numpy(film.pixels - film.pixels.mean())
    for finding, explanation in enumerate((one, two)):
        weights = [
            member.entry.scale[finding] * member.module[2].weight[finding].reshape(3, 8, 8).sum(0)
            for member in members
        ]
        expected = (above * torch.stack(weights).mean(0)).numpy()
        assert explanation.raw_map == pytest.approx(expected, abs=1e-5)
    assert told == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("name", METHODS)
def test_every_method_states_its_paper_and_the_meaning_of_its_values(name):
    chosen = METHODS[name]
    assert chosen.name == name
    assert re.fullmatch(r"arXiv:\d{4}\.\d{4,5}|doi:10\.\d{4,9}/\S+", chosen.paper)
    assert chosen.cost in ("one pass", "tens of passes", "hundreds of passes")
    assert len(chosen.values.split()) > 5
    assert not chosen.values.endswith(".")
