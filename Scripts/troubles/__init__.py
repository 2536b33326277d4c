"""Captures with one trouble each, of every class that docs/inspecting-captures.md speaks of."""
