"""Where a model looked: methods register themselves here when the package is imported."""

from xray.explain import gradcam as gradcam
from xray.explain.registry import METHODS, Method, method
from xray.explain.trace import Trace, trace

__all__ = ["METHODS", "Method", "Trace", "method", "trace"]
