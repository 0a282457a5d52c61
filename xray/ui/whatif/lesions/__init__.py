"""The lesion lab of the What if page."""
