"""Audit of a classifier. Importing the package registers the checks."""

from xray.audit import inputs as inputs
from xray.audit import outputs as outputs
from xray.audit import sensitivity as sensitivity
from xray.audit.registry import CHECKS, Check, Result
from xray.audit.run import audit, collect, evaluate

__all__ = ["CHECKS", "Check", "Result", "audit", "collect", "evaluate"]
