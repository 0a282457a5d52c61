"""Films laid on their side, put upside down or inverted on purpose, so that a gate can learn to tell."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from xray.models.gate import INVERTED, NO_XRAY, SIDEWAYS, UPRIGHT, UPSIDE_DOWN
from xray.train.film import Film, plain


def posed(film: Tensor, target: Tensor, findings: tuple[str, ...]) -> tuple[Tensor, Tensor]:
    """A film (1, S, S), turned and inverted at random, and its target (K) with the truth of that.

    Limbs are taken at any angle: they are turned too, but their target says nothing of it. What is no
    X-ray stays as it is.
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
    film = film.rot90(turns, (-2, -1))
    return (1 - film if inverted else film), target


def posed_film(film: Film, number: int) -> Film:
    """A film to validate or test on, turned and inverted by its number, so that it is the same every time."""
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
