"""Replayable bundles: a Case with everything that is needed to recompute it."""

from xray.bundle.replay import read_bundle, replay
from xray.bundle.write import bundle

__all__ = ["bundle", "read_bundle", "replay"]
