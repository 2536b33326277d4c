"""What Scripts/inspect-page-test.py checks."""
