"""X-ray physics: attenuation at 60 keV, Beer–Lambert transmission, blur, quantum noise, film curve."""

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
    """Return the attenuation (1/mm) of soft tissue in which trabeculae fill a fraction in [0, 1]."""
    return fraction * CORTICAL_BONE + (1.0 - fraction) * SOFT_TISSUE


@dataclass(frozen=True)
class Exposure:
    """Exposure of a film.

    Attributes:
        photons: photons per pixel in the open field; None for a film without noise.
        blur_mm: standard deviation of the blur by focal spot and detector.
    """

    photons: float | None
    blur_mm: float


IDEAL = Exposure(photons=None, blur_mm=0.0)


@dataclass(frozen=True)
class FilmCurve:
    """Characteristic curve of a film: optical depth shown as middle gray, and latitude."""

    middle: float
    latitude: float


def transmission(optical_depth: Array) -> Array:
    """Return the transmitted fraction of photons in (0, 1] (Beer–Lambert law)."""
    return np.exp(-optical_depth)


def detect(transmitted: Array, exposure: Exposure, pitch_mm: float, rng: np.random.Generator) -> Array:
    """Return the detected signal (H, W), blurred and with Poisson noise; 1 in the open field."""
    arriving = gaussian_filter(transmitted, exposure.blur_mm / pitch_mm)
    if exposure.photons is None:
        return arriving
    return rng.poisson(arriving * exposure.photons) / exposure.photons


def develop(detected: Array, curve: FilmCurve) -> Pixels:
    """Return the film, float32 (H, W) in [0, 1], 0 in the open field: logistic in log exposure."""
    exposure = (detected * np.exp(curve.middle)) ** (1.0 / curve.latitude)
    open_field = np.exp(curve.middle / curve.latitude)
    return np.clip((open_field - exposure) / (1.0 + exposure) / open_field, 0.0, 1.0).astype(np.float32)
