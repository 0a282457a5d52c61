"""The loss against PyTorch's, and films with unknown labels."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from xray.train.losses import drawing_weights, loss_of, weights_of

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


def test_films_with_a_weight_count_as_often():
    logits, targets = torch.tensor([[0.0], [2.0]]), torch.tensor([[1.0], [0.0]])
    weights = torch.ones(1)
    first, second = np.log(2), np.log1p(np.exp(2))
    loss = loss_of(logits, targets, "sigmoid", weights, films=torch.tensor([3.0, 1.0]))
    assert loss.item() == pytest.approx((3 * first + second) / 4)


def test_a_balanced_training_draws_films_of_rare_findings_more_often():
    targets = np.array([[1, 0], [1, 0], [1, 0], [1, 1], [0, 0]], np.float32)
    drawn = drawing_weights(targets, ("all",) * 5, "sigmoid")
    assert drawn.tolist() == pytest.approx([1 / 2, 1 / 2, 1 / 2, 1, 5**-0.5])
    assert weights_of(targets, "sigmoid", balanced=True).tolist() == [1, 1]


def test_a_balanced_training_of_exclusive_findings_draws_every_group_equally_often():
    targets = np.eye(2, dtype=np.float32)[[0, 0, 0, 1]]
    drawn = drawing_weights(targets, ("a", "a", "b", "b"), "softmax")
    assert drawn.tolist() == [0.5] * 4
