"""Models: registry, architectures, weights, predictions, calibration, input gate."""
