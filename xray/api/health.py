"""Readiness: the default model itself, not a fallback, must have made a prediction recently."""

from __future__ import annotations

import asyncio
import time

import numpy as np
from starlette.exceptions import HTTPException

from xray.errors import ModelUnavailable
from xray.models.ensemble import load_model
from xray.types import Radiograph

FRESH = 30.0  # seconds for which a prediction counts
PATIENCE = 10.0  # seconds to wait for a prediction


class Health:
    """The time of the default model's last prediction; concurrent checks share one prediction."""

    def __init__(self) -> None:
        self._last = -FRESH
        self._probe: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """Return if the default model works.

        Raises:
            HTTPException: With status 503 if it is missing, broken or not ready yet.
        """
        if time.monotonic() - self._last < FRESH:
            return
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(self._run_probe())
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.shield(self._probe)
        except TimeoutError:
            raise HTTPException(503, "The default model is not ready yet.", {"Retry-After": "1"}) from None
        except ModelUnavailable as error:
            raise HTTPException(503, str(error)) from error

    async def _run_probe(self) -> None:
        await asyncio.to_thread(_predict)
        self._last = time.monotonic()


def _predict() -> None:
    ramp = np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64)
    model = load_model()
    if not model.logits(Radiograph(ramp, "probe")).isfinite().all():
        raise ModelUnavailable(
            f"{model.entry.id} returns logits that are not finite.", "Restore weights/ from the repository."
        )
