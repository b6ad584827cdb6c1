"""A map in one HTML file that works offline."""
