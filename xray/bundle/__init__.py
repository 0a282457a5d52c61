"""Replayable bundles: a Case with all that is needed to compute it again."""

from xray.bundle.replay import read_bundle, replay
from xray.bundle.write import bundle

__all__ = ["bundle", "read_bundle", "replay"]
