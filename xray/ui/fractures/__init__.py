"""The Fractures page."""
