"""The input gate: whether a film shows a region that the model supports, in the expected orientation."""

from xray.models.gate.check import check_input
from xray.models.gate.kinds import (
    GATE,
    INVERTED,
    NO_XRAY,
    NOT_XRAY,
    POSES,
    REFUSALS,
    SIDEWAYS,
    UPRIGHT,
    UPSIDE_DOWN,
)
from xray.models.gate.network_rules import kind_by_network
from xray.models.gate.pixel_rules import kind_by_pixels
from xray.models.gate.remedies import CROP, REMEDIES, remedied, remedy

__all__ = [
    "CROP",
    "GATE",
    "INVERTED",
    "NOT_XRAY",
    "NO_XRAY",
    "POSES",
    "REFUSALS",
    "REMEDIES",
    "SIDEWAYS",
    "UPRIGHT",
    "UPSIDE_DOWN",
    "check_input",
    "kind_by_network",
    "kind_by_pixels",
    "remedied",
    "remedy",
]
