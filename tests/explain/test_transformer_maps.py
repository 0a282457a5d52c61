"""LeGrad by plain autograd, AttnLRP by its rules layer by layer, and both on a randomized network."""

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.explain.test_attention import vit_written_out
from tests.explain.test_method_truth import film, maps_of
from xray.evidence.weight_randomization import randomized
from xray.imaging.phantom import simulated_samples
from xray.models.classifier import load_classifier

SIDE = 6  # patches of a film of 96 px


def test_legrad_by_its_equations():
    maps = maps_of("legrad", load_classifier("pneumonia-vit"), film(96, 96), [1, 0])
    for finding, raw_map in zip((1, 0), maps, strict=True):
        expected = np.zeros((SIDE, SIDE))
        for depth in range(6):
            written, shares = vit_written_out()
            outputs: list[Tensor] = []
            written.blocks[depth].register_forward_hook(lambda *given, to=outputs: to.append(given[2]))
            written(film(96, 96).requires_grad_())
            shares[depth].retain_grad()
            written.head(written.fc_norm(outputs[0].mean(1)))[0, finding].backward()
            expected += shares[depth].grad.relu().mean((0, 1, 2)).reshape(SIDE, SIDE).numpy() / 6
        assert expected.max() > 0
        assert raw_map == pytest.approx(expected, rel=1e-3, abs=1e-4 * expected.max())


class Relevance:
    """Relevance of one logit, propagated by the rules as ratios; `absorbed` is what biases receive."""

    def __init__(self, network: nn.Module, batch: Tensor, finding: int) -> None:
        self.network, self.absorbed = network, 0.0
        with torch.no_grad():
            patches = network.patch_embed(batch).flatten(1, 2)[0]  # (T, C)
            inputs, tokens = [], patches + position(network, batch)[0]
            first = tokens
            for block in network.blocks:
                inputs.append(tokens)
                tokens = block(tokens[None])[0]
            pooled = tokens.mean(0)
            features = network.fc_norm(pooled)
            self.logit = network.head(features)[finding]
            weights, bias = network.head.weight[finding], network.head.bias[finding]
            self.absorbed += float(bias)
            through = self.norm(network.fc_norm, pooled, features * weights)
            relevance = tokens / len(tokens) * (through / pooled)
            for block, given in zip(reversed(network.blocks), reversed(inputs), strict=True):
                relevance = self.block(block, given, relevance)
            self.patches = patches * relevance / first
            self.absorbed += float(relevance.sum() - self.patches.sum())  # of the position embeddings

    def linear(self, layer: nn.Linear, given: Tensor, relevance: Tensor) -> Tensor:
        ratio = relevance / layer(given)
        self.absorbed += float((ratio * layer.bias).sum())
        return given * (ratio @ layer.weight)

    def norm(self, layer: nn.LayerNorm, given: Tensor, relevance: Tensor) -> Tensor:
        ratio = relevance / layer(given)
        self.absorbed += float((ratio * layer.bias).sum())
        deviation = (given.var(-1, correction=0, keepdim=True) + layer.eps).sqrt()
        slopes = ratio * layer.weight / deviation
        return given * (slopes - slopes.mean(-1, keepdim=True))

    def block(self, block: nn.Module, given: Tensor, relevance: Tensor) -> Tensor:
        normed = block.norm1(given)
        attended = block.attn(normed[None])[0]
        middle = given + attended
        hidden_in = block.norm2(middle)
        hidden = block.mlp.fc1(hidden_in)
        out = block.mlp.fc2(block.mlp.act(hidden))
        share = relevance / (middle + out)
        back = self.linear(block.mlp.fc2, block.mlp.act(hidden), out * share)  # GELU passes it on
        back = self.linear(block.mlp.fc1, hidden_in, back)
        relevance = middle * share + self.norm(block.norm2, middle, back)
        share = relevance / middle
        back = self.attention(block.attn, normed, attended * share)
        return given * share + self.norm(block.norm1, given, back)

    def attention(self, layer: nn.Module, given: Tensor, relevance: Tensor) -> Tensor:
        queries, keys, values = layer.qkv(given).unflatten(1, (3, 4, 64)).permute(1, 2, 0, 3)
        scores = queries @ keys.mT / 8  # (heads, T, T)
        shares = scores.softmax(-1)
        mixed = shares @ values  # (heads, T, C / heads)
        back = self.linear(layer.proj, mixed.transpose(0, 1).flatten(1), relevance)
        ratio = back.unflatten(1, (4, 64)).transpose(0, 1) / mixed
        of_shares, of_values = shares * (ratio @ values.mT) / 2, values * (shares.mT @ ratio) / 2
        of_scores = scores * (of_shares - shares * of_shares.sum(-1, keepdim=True))
        self.absorbed += float(of_shares.sum() - of_scores.sum())  # the bias of softmax's expansion
        ratio = of_scores / scores / 8
        of_queries, of_keys = queries * (ratio @ keys) / 2, keys * (ratio.mT @ queries) / 2
        joined = torch.stack([of_queries, of_keys, of_values]).permute(2, 0, 1, 3).flatten(1)
        return self.linear(layer.qkv, given, joined)


def position(network: nn.Module, batch: Tensor) -> Tensor:
    """The position embeddings (1, T, C) that the network adds for the size of the film."""
    embedded = network.patch_embed(batch)
    return network._pos_embed(embedded) - embedded.flatten(1, 2)


@pytest.mark.parametrize("finding", [0, 1])
def test_attnlrp_by_its_rules_and_relevance_is_conserved(finding):
    classifier = load_classifier("pneumonia-vit")
    for seed in range(3):
        batch = film(96, 96, seed)
        network = copy.deepcopy(classifier.module).double()
        truth = Relevance(network, batch.double(), finding)
        by_rules = truth.patches.sum(-1).reshape(SIDE, SIDE).numpy()
        assert by_rules.sum() + truth.absorbed == pytest.approx(float(truth.logit), abs=1e-6)
        (raw_map,) = maps_of("attnlrp", classifier, batch, [finding])
        assert raw_map == pytest.approx(by_rules, rel=1e-3, abs=1e-3 * np.abs(by_rules).max())
        assert raw_map.sum() + truth.absorbed == pytest.approx(float(truth.logit), abs=1e-3)


@pytest.mark.parametrize("name", ["legrad", "attnlrp"])
def test_a_randomized_network_gets_another_map(name):
    classifier = load_classifier("pneumonia-vit")
    batch, _ = classifier.prepare(simulated_samples()[1].build().radiograph)
    (trained,) = maps_of(name, classifier, batch, [1])
    for share in (0.5, 1.0):
        (random,) = maps_of(name, randomized(classifier, share), batch, [1])
        assert abs(np.corrcoef(trained.ravel(), random.ravel())[0, 1]) < 0.5
