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
    """YOLO as a classifier: films (n, 3, h, w) to the logits (n, K) of the best box of each finding.

    The sides must be multiples of 32. The weights have the same names as in Ultralytics.
    """

    def __init__(self, configuration: str, findings: int) -> None:
        super().__init__(configuration, nc=findings, verbose=False)
        head: Any = self.model[-1]  # type: ignore[index]
        head.xyxy = True
        head.dynamic = True  # recompute anchors: those of inference mode carry no gradient

    def forward(self, films: Tensor) -> Any:
        """Compute the logits (n, K) of the best box of each finding."""
        output = self.predict(films)
        if isinstance(output, dict):  # training mode, in which Ultralytics measures the strides
            return output
        return output[1]["scores"].amax(2)

    def boxes(self, films: Tensor) -> tuple[Tensor, Tensor]:
        """Compute boxes (n, 4, A), as x1, y1, x2, y2 in input pixels, and logits (n, K, A), for A anchors."""
        decoded, raw = self.predict(films)
        return decoded[:, :4], raw["scores"]

    def likelihoods(self, films: Tensor) -> tuple[Tensor, Tensor]:
        """Compute logits (n, K, A), and the log-likelihood (n, A) of the position of each box.

        The log-likelihood is the mean over the four sides of the predicted distribution's logarithm at the
        predicted position (Li et al. 2020, arXiv:2006.04388).
        """
        raw = self.predict(films)[1]
        sides = raw["boxes"].unflatten(1, (4, -1)).log_softmax(2)  # (n, 4, bins, A)
        steps = torch.arange(sides.shape[2], device=sides.device, dtype=sides.dtype)[:, None]
        position = (sides.exp() * steps).sum(2, keepdim=True).detach()  # (n, 4, 1, A)
        beside = (1 - (steps - position).abs()).clamp_min(0)  # (n, 4, bins, A): the two bins around it
        return raw["scores"], (sides * beside).sum(2).mean(1)
