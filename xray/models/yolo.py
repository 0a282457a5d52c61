"""YOLO as a plain network: Ultralytics' module without its engine, network access and pickles.

Ultralytics reads its environment variables at import, so it must only be imported from here.
"""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import Tensor

from xray.settings import settings

os.environ |= {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false", "YOLO_VERBOSE": "false"}
os.environ.setdefault("YOLO_CONFIG_DIR", str(settings().cache_dir))
os.environ.setdefault("OMP_NUM_THREADS", str(torch.get_num_threads()))  # otherwise Ultralytics sets 1

from ultralytics.nn.tasks import DetectionModel


class Yolo(DetectionModel):
    """Films (n, 3, h, w), sides multiples of 32, to logits (n, K): those of every finding's best box.

    Its weights have the names of Ultralytics' own module.
    """

    def __init__(self, configuration: str, findings: int) -> None:
        super().__init__(configuration, nc=findings, verbose=False)
        head: Any = self.model[-1]  # type: ignore[index]
        head.xyxy = True
        head.dynamic = True  # recompute anchors: those of inference mode carry no gradient

    def forward(self, films: Tensor) -> Any:
        """Logits (n, K) of the best box of every finding."""
        output = self.predict(films)
        if isinstance(output, dict):  # training mode, in which Ultralytics measures the strides
            return output
        return output[1]["scores"].amax(2)

    def boxes(self, films: Tensor) -> tuple[Tensor, Tensor]:
        """For each of A places a box (n, 4, A) as x1, y1, x2, y2 in input pixels, and logits (n, K, A)."""
        decoded, raw = self.predict(films)
        return decoded[:, :4], raw["scores"]

    def likelihoods(self, films: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (n, K, A), and how likely the network holds its own box of every place to be (n, A).

        That is the mean over the four sides of the logarithm of what it gives to where it puts them (Li et
        al. 2020, arXiv:2006.04388).
        """
        raw = self.predict(films)[1]
        sides = raw["boxes"].unflatten(1, (4, -1)).log_softmax(2)  # (n, 4, bins, A)
        steps = torch.arange(sides.shape[2], device=sides.device, dtype=sides.dtype)[:, None]
        put = (sides.exp() * steps).sum(2, keepdim=True).detach()  # (n, 4, 1, A)
        beside = (1 - (steps - put).abs()).clamp_min(0)  # (n, 4, bins, A): the two bins around it
        return raw["scores"], (sides * beside).sum(2).mean(1)
