"""Training and evaluation of models: data sets, recipes, training loop, figures and model cards."""
