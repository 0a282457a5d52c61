"""Rotate and invert films at random, so that the input gate learns to recognize such films."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from xray.io.label_lists import plain
from xray.models.gate import INVERTED, NO_XRAY, SIDEWAYS, UPRIGHT, UPSIDE_DOWN
from xray.train.film import Film, in_pose


def posed(film: Tensor, target: Tensor, findings: tuple[str, ...]) -> tuple[Tensor, Tensor]:
    """Rotate a training film by quarter turns and invert it, at random, and adapt its target.

    Limbs are acquired at any angle: they are rotated, but the orientation is not part of their target.
    Pictures that are not X-rays remain unchanged.

    Args:
        film: (1, S, S), float32.
        target: (K), 1 for present findings and 0 for absent ones.
        findings: Names of the K findings.

    Returns:
        The film (1, S, S) and its target (K).
    """
    if any(target[findings.index(name)] == 1 for name in NO_XRAY):
        return film, target
    target = target.clone()
    turns = int(torch.randint(0, 4, ())) if torch.rand(()) < 0.6 else 0
    inverted = bool(torch.rand(()) < 0.3)
    if any(target[findings.index(region)] == 1 for region in UPRIGHT):
        target[findings.index(SIDEWAYS)] = float(turns in (1, 3))
        target[findings.index(UPSIDE_DOWN)] = float(turns == 2)
    target[findings.index(INVERTED)] = float(inverted)
    return torch.from_numpy(in_pose(film[0].numpy(), turns, inverted))[None], target


def posed_film(film: Film, number: int) -> Film:
    """Set rotation and inversion of a film for validation or test by its number, the same every time."""
    if film.labels & {plain(name) for name in NO_XRAY}:
        return film
    turns, inverted = (0, 0, 1, 2, 0, 3)[number % 6], number % 4 == 3
    names, known = set(film.labels), set(film.known) | {INVERTED}
    if inverted:
        names.add(INVERTED)
    if film.labels & set(UPRIGHT):
        known |= {SIDEWAYS, UPSIDE_DOWN}
        if turns:
            names.add(UPSIDE_DOWN if turns == 2 else SIDEWAYS)
    return replace(film, labels=frozenset(names), known=frozenset(known), turns=turns, inverted=inverted)
