"""Preparation of public downloads: one module per collection, `prepare` as the entry."""

from xray.train.prepare.run import prepare

__all__ = ["prepare"]
