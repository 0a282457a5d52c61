"""Shares as natural frequencies: so many of a hundred people (Gigerenzer and Hoffrage 1995)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def whole(shares: Sequence[float], total: int = 100) -> list[int]:
    """Shares (n) that sum to 1 as counts that sum to total, by largest remainder."""
    exact = np.asarray(shares, np.float64) * total
    counts = np.floor(exact + 1e-9).astype(int)
    missing = total - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    return counts.tolist()
