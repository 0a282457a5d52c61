"""The loss against PyTorch's, and films with unknown labels."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from xray.train.losses import loss_of, weights_of

LOGITS = torch.tensor([[1.0, -2.0], [0.5, 0.3], [-1.0, 2.0]])
TARGETS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_the_loss_is_pytorchs(activation):
    weights = torch.tensor([1.0, 3.0])
    expected = (
        functional.cross_entropy(LOGITS, TARGETS, weight=weights)
        if activation == "softmax"
        else functional.binary_cross_entropy_with_logits(LOGITS, TARGETS, pos_weight=weights)
    )
    assert loss_of(LOGITS, TARGETS, activation, weights) == pytest.approx(expected.item())


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_unknown_targets_give_no_gradient(activation):
    weights, unknown = torch.ones(2), torch.full((1, 2), torch.nan)
    more = torch.cat([LOGITS, torch.tensor([[9.0, -9.0]])]).requires_grad_()
    loss = loss_of(more, torch.cat([TARGETS, unknown]), activation, weights)
    assert loss.item() == pytest.approx(loss_of(LOGITS, TARGETS, activation, weights).item())
    loss.backward()
    assert (more.grad[-1] == 0).all()
    nothing = loss_of(LOGITS, unknown.expand(3, 2), activation, weights)
    assert nothing.item() == 0


def test_rare_findings_weigh_more():
    targets = np.zeros((100, 2), dtype=np.float32)
    targets[:10, 0], targets[10:, 1] = 1, 1
    assert weights_of(targets, "softmax").tolist() == pytest.approx([100 / 20, 100 / 180])
    assert weights_of(targets, "sigmoid").tolist() == pytest.approx([3.0, 1.0])
