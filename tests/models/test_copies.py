"""Copies that share tensors, and batch normalization folded into convolutions."""

import torch
from torch import Tensor, nn

from xray.models.copies import folded, sharing


class Doubled(nn.Sequential):
    """Its layers do not run in order, so nothing can be folded."""

    def forward(self, batch: Tensor) -> Tensor:
        return self[1](2 * self[0](batch))


def network(kind: type[nn.Sequential] = nn.Sequential) -> nn.Module:
    """Convolution and batch normalization with random statistics."""
    torch.manual_seed(0)
    normal = nn.BatchNorm2d(4)
    with torch.no_grad():
        for values in normal.state_dict().values():
            values.copy_(torch.rand(values.shape) + 0.5)
    return nn.Sequential(kind(nn.Conv2d(3, 4, 3), normal), nn.ReLU()).eval()


def test_a_folded_network_has_the_same_outputs_without_batch_normalization():
    module, batch = network(), torch.rand(2, 3, 8, 8)
    fast = folded(module)
    torch.testing.assert_close(fast(batch), module(batch))
    assert not any(isinstance(part, nn.BatchNorm2d) for part in fast.modules())
    assert isinstance(module[0][1], nn.BatchNorm2d), "the network itself is left alone"


def test_only_layers_that_run_in_order_are_folded():
    module = network(Doubled)
    assert folded(module) is module


def test_a_copy_shares_its_tensors_but_not_its_structure():
    module = network()
    copied = sharing(module)
    copied[1] = nn.Identity()
    assert isinstance(module[1], nn.ReLU)
    for (name, values), other in zip(module.state_dict().items(), copied.state_dict().values(), strict=True):
        assert values.data_ptr() == other.data_ptr(), name
