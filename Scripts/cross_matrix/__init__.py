"""Clients against servers, for Scripts/cross-matrix.py."""
