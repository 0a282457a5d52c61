"""From materials to a film: attenuation at 60 keV, Beer–Lambert transmission, blur, quantum noise, film."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from xray.types import Pixels

Array = NDArray[np.floating]

# Linear attenuation at 60 keV in 1/mm: mass attenuation coefficient (cm²/g) times density (g/cm³) over 10.
# Coefficients and densities: NIST, X-Ray Mass Attenuation Coefficients (NISTIR 5632), tissues as in ICRU
# Report 44; the lung's density is that of an inflated lung, 0.26 g/cm³, from the same report.
AIR = 0.1875 * 0.001205 / 10
LUNG = 0.2053 * 0.26 / 10
FAT = 0.1974 * 0.95 / 10
SOFT_TISSUE = 0.2048 * 1.06 / 10
CORTICAL_BONE = 0.3148 * 1.92 / 10
LEAD = 5.021 * 11.35 / 10


def spongy_bone(fraction: float) -> float:
    """Attenuation in 1/mm of marrow, as soft tissue, of which trabeculae fill this fraction in [0, 1]."""
    return fraction * CORTICAL_BONE + (1.0 - fraction) * SOFT_TISSUE


@dataclass(frozen=True)
class Exposure:
    """How a film is taken: photons that reach a pixel of the open field, None for a film without noise.

    blur_mm: standard deviation of focal spot and detector together.
    """

    photons: float | None
    blur_mm: float


IDEAL = Exposure(photons=None, blur_mm=0.0)


@dataclass(frozen=True)
class FilmCurve:
    """A film's characteristic curve: the optical depth that is shown mid-gray, and the latitude around it."""

    middle: float
    latitude: float


def transmission(optical_depth: Array) -> Array:
    """Fraction of photons that pass, in (0, 1], by Beer–Lambert; optical depth: the sum of mu times path."""
    return np.exp(-optical_depth)


def detect(transmitted: Array, exposure: Exposure, pitch_mm: float, rng: np.random.Generator) -> Array:
    """What pixels of this pitch count of a transmission (H, W): blurred, then Poisson; open field: 1."""
    arriving = gaussian_filter(transmitted, exposure.blur_mm / pitch_mm)
    if exposure.photons is None:
        return arriving
    return rng.poisson(arriving * exposure.photons) / exposure.photons


def develop(detected: Array, curve: FilmCurve) -> Pixels:
    """Film float32 (H, W) in [0, 1], bright = dense: logistic in log exposure, black at the open field."""
    exposure = (detected * np.exp(curve.middle)) ** (1.0 / curve.latitude)
    open_field = np.exp(curve.middle / curve.latitude)
    return np.clip((open_field - exposure) / (1.0 + exposure) / open_field, 0.0, 1.0).astype(np.float32)
