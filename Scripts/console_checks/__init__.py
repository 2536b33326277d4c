"""What Scripts/console.py checks."""
