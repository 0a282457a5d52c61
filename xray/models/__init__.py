"""The classifiers: what is known of each (registry), how it is built and loaded, what it says."""
