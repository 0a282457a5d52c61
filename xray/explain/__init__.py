"""Explanation methods, registered when the package is imported, and the functions that run them.

Methods of other installed packages are registered after the methods of this package (see plugins).
"""

from xray.explain import ablation, attention, attnlrp, cams, gradcam, gradients, legrad, perturbed
from xray.explain.capture import Trace, trace
from xray.explain.external import EXTERNAL, external_explanation, method_of
from xray.explain.plugins import register_installed
from xray.explain.registry import METHODS, ExplainRequest, Method, offered
from xray.explain.run import RawMaps, compute_maps, explain

FAMILIES = (gradcam, cams, ablation, attention, legrad, attnlrp, gradients, perturbed)
PLUGIN_PROBLEMS = register_installed()  # last: the packages import from here

__all__ = [
    "EXTERNAL",
    "FAMILIES",
    "METHODS",
    "PLUGIN_PROBLEMS",
    "ExplainRequest",
    "Method",
    "RawMaps",
    "Trace",
    "compute_maps",
    "explain",
    "external_explanation",
    "method_of",
    "offered",
    "trace",
]
