"""Pictures of films, heatmaps and boxes, drawn from arrays."""
