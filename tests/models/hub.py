"""Small networks as transformers saves them, and a local hub that serves them."""

import numpy as np
import pytest
import torch
from PIL import Image

from xray.models.public import add, fetch
from xray.types import Radiograph

transformers = pytest.importorskip("transformers")
hub = pytest.importorskip("huggingface_hub")

SOURCE, ID = "someone/chest-vit", "someone--chest-vit"
SIDE = 32
LABELS = {0: "NORMAL", 1: "PNEUMONIA", 2: "OTHER"}
NORMALIZATIONS = {
    "symmetric": ([0.5] * 3, [0.5] * 3),
    "imagenet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
}


def vit(**changes):
    torch.manual_seed(0)
    facts = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = transformers.ViTConfig(**facts, image_size=SIDE, patch_size=8, id2label=LABELS, **changes)
    network = transformers.ViTForImageClassification(config)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return network


def resnet():
    torch.manual_seed(0)
    config = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic", id2label=LABELS
    )
    return transformers.ResNetForImageClassification(config)


def saved(folder, network=None, normalization="symmetric", **changes):
    """The files of a repository on the hub."""
    (network or vit()).save_pretrained(folder)
    mean, deviation = NORMALIZATIONS[normalization]
    size = {"height": SIDE, "width": SIDE}
    transformers.ViTImageProcessor(
        size=size, resample=2, image_mean=mean, image_std=deviation, **changes
    ).save_pretrained(folder)
    return folder


def hub_at(url: str, monkeypatch) -> None:
    """Another address of the hub."""
    files = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(hub.constants, "ENDPOINT", url)
    monkeypatch.setattr(hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", files)


def fetched(hub_site, folder, source=SOURCE):
    hub_site.publish(source, folder)
    return fetch(add(source))


def noise(height=SIDE, width=SIDE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width), np.uint8)


def film(pixels) -> Radiograph:
    return Radiograph(pixels.astype(np.float32) / 255, "noise.png")


def predicted_by_transformers(folder, pixels) -> list[float]:
    ask = transformers.pipeline("image-classification", model=str(folder), top_k=None)
    scores = {one["label"]: one["score"] for one in ask(Image.fromarray(pixels).convert("RGB"))}
    return [scores[label] for label in LABELS.values()]
