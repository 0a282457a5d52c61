"""A bootstrap with given weights."""

import numpy as np

from xray.train.bootstrap import Bootstrap


class FixedWeights(Bootstrap):
    """Film weights (R, n) instead of random ones."""

    def __init__(self, weights: np.ndarray) -> None:
        super().__init__(np.arange(weights.shape[1]), weights.shape[1], len(weights))
        object.__setattr__(self, "weights", weights)

    def __iter__(self):
        return iter([self.weights])
