"""A detector with random weights that says something at every place, and its registry entry."""

import hashlib
from pathlib import Path

import torch

from xray.models.architectures import build
from xray.models.classifier import Classifier
from xray.models.registry import ModelEntry, write_entry
from xray.models.weights import encode_weights

FACTS = {
    "id": "boxes",
    "title": "Boxes",
    "task": "fractures",
    "architecture": "yolov8n",
    "findings": ("Fracture",),
    "input_size": 128,
    "normalization": "unit",
    "fit": "letterbox",
    "activation": "sigmoid",
    "thresholds": (0.5,),
    "target_layer": "model.15",
    "trained_on": "nothing",
    "licence": "none",
}


def random_detector() -> Classifier:
    """Layers are scaled by what goes through them, so that every place says something else."""
    torch.manual_seed(0)
    module = build("yolov8n", 1)
    for layer in module.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0
    for box, score in zip(module.model[-1].cv2, module.model[-1].cv3, strict=True):
        torch.nn.init.normal_(box[-1].weight, std=0.5)
        torch.nn.init.normal_(score[-1].weight, std=0.5)
        torch.nn.init.constant_(score[-1].bias, -1.0)
    module.train()(torch.rand(8, 3, 128, 128))
    return Classifier(ModelEntry.model_validate(FACTS), module)


def register(folder: Path) -> None:
    """Put it into a folder of weights."""
    content = encode_weights(random_detector().module)
    (folder / "boxes.safetensors").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    entry = ModelEntry.model_validate(FACTS | {"weights": "boxes.safetensors", "sha256": digest})
    write_entry(entry, folder / "registry.toml")
