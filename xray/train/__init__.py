"""Training and measuring: data sets, recipes, the loop, the figures and the card."""
