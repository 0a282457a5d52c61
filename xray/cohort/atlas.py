"""The films of a cohort as points: the two main directions of a model's embeddings (PCA)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from xray.cohort.row import Row
from xray.errors import UnusableData

FEWEST = 3  # films


@dataclass(frozen=True, eq=False)
class Atlas:
    """Films in the plane; the same films always have the same places.

    Attributes:
        numbers: Indices (n) of the films in the cohort.
        places: Coordinates (n, 2).
        explained: Shares of the variance of the embeddings in the two directions.
    """

    numbers: NDArray[np.intp]
    places: NDArray[np.float64]
    explained: tuple[float, float]


def atlas(rows: Sequence[Row]) -> Atlas:
    """Project the embeddings of the films, without duplicates, on their two main directions.

    Raises:
        UnusableData: If fewer than FEWEST films have an embedding, or all embeddings are equal.
    """
    numbers = [
        number for number, row in enumerate(rows) if row.embedding is not None and not row.duplicate_of
    ]
    if len(numbers) < FEWEST:
        raise UnusableData(
            f"{len(numbers)} films have an embedding.", hint=f"An atlas needs at least {FEWEST} films."
        )
    vectors = np.stack([rows[number].embedding for number in numbers]).astype(np.float64)  # type: ignore[misc]
    if np.ptp(vectors, axis=0).max() == 0:
        raise UnusableData("All films have the same embedding.", hint="Choose another model.")
    fitted = PCA(2, svd_solver="arpack", random_state=0)  # exact; computes only these two directions
    places = fitted.fit_transform(vectors)
    first, second = fitted.explained_variance_ratio_.tolist()
    return Atlas(np.array(numbers), places, (first, second))
