"""Ready or not: the default model, and no other in its place, must have answered lately."""

from __future__ import annotations

import asyncio
import time

import numpy as np
from starlette.exceptions import HTTPException

from xray.errors import ModelUnavailable
from xray.models.ensemble import load_model
from xray.types import Radiograph

FRESH = 30.0  # seconds for which an answer of the model counts
PATIENCE = 10.0  # seconds to wait for one


class Health:
    """When the default model last answered."""

    def __init__(self) -> None:
        self._answered = -FRESH
        self._asking: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """Raises HTTPException 503 where the default model does not answer."""
        if time.monotonic() - self._answered < FRESH:
            return
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.shield(self._asking)
        except TimeoutError:
            raise HTTPException(503, "The default model does not answer yet.", {"Retry-After": "1"}) from None
        except ModelUnavailable as error:
            raise HTTPException(503, str(error)) from error

    async def _ask(self) -> None:
        await asyncio.to_thread(_answer)
        self._answered = time.monotonic()


def _answer() -> None:
    ramp = np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64)
    model = load_model()
    if not model.logits(Radiograph(ramp, "probe")).isfinite().all():
        raise ModelUnavailable(
            f"{model.entry.id} answers with no number.", "Restore weights/ from the repository."
        )
