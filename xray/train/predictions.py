"""What a classifier said of films, beside what is true of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Answers:
    """What a classifier said of n films: logits, probabilities and truth (n, K), truth NaN where unknown."""

    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    targets: NDArray[np.float32]
    patients: list[str]
    sources: list[str]

    def of_source(self, source: str) -> Answers:
        """Those about the films of one collection."""
        places = [place for place, one in enumerate(self.sources) if one == source]
        return Answers(
            self.logits[places],
            self.probabilities[places],
            self.targets[places],
            [self.patients[place] for place in places],
            [source] * len(places),
        )
