"""Half precision only where it changes no answer."""

import safetensors.torch
import torch

from xray.models.architectures import build
from xray.train.data import read_dataset
from xray.train.loop import Run, averaged
from xray.train.release import smallest_weights


def kept_precision(tiny_recipe, planted_films, head: float) -> torch.dtype:
    torch.manual_seed(0)
    module = build("tiny", 2)
    torch.nn.init.constant_(module[4].weight, head)
    films = read_dataset(planted_films)[:4]
    content, answers = smallest_weights(tiny_recipe, Run(module, averaged(module, 0.9)), films)
    assert answers.logits.shape == (4, 2)
    return safetensors.torch.load(content)["4.weight"].dtype


def test_weights_are_halved_where_no_logit_moves(tiny_recipe, planted_films):
    assert kept_precision(tiny_recipe, planted_films, head=0.5) == torch.float16


def test_weights_beyond_half_precision_are_kept_whole(tiny_recipe, planted_films):
    assert kept_precision(tiny_recipe, planted_films, head=333.3) == torch.float32
    assert kept_precision(tiny_recipe, planted_films, head=1e6) == torch.float32
