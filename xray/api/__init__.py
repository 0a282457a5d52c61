"""The REST API: the pipeline over HTTP."""
