"""Replayable bundles: a Case with all that is needed to compute it again."""
