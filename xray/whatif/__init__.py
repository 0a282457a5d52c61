"""What if the film were another: changes, covers and their controls, and what they do to an answer."""
