"""Reports: text that says only what was measured, or is marked as a language model's own."""
