"""Natural frequencies: probabilities as counts of 100 people (Gigerenzer and Hoffrage 1995)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def whole(shares: Sequence[float], total: int = 100) -> list[int]:
    """Round shares (n) that sum to 1 to counts that sum to total, by the largest remainder."""
    exact = np.asarray(shares, np.float64) * total
    counts = np.floor(exact + 1e-9).astype(int)
    missing = total - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    return counts.tolist()
