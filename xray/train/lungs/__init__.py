"""Training of the lung segmentation network."""
