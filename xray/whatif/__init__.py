"""What-if analysis: changed and covered films, control boxes, and the response of predictions."""
