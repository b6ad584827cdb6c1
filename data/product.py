"""What this is called, and its version, wherever a page or a file says so."""

from __future__ import annotations

PRODUCT = "Innovation Clusters Map"
# That of pyproject.toml; a test holds them equal.
VERSION = "0.1.0"
RUN = "python cli.py"
