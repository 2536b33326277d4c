"""The ws protocol in plain Python: one module an area of the specification."""
