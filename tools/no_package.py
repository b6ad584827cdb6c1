"""What pip and uv ask when they are to build this project, an application: they are told how to start it.

Without it they guess at packages, and fail with advice on layouts that helps nobody.
"""

from __future__ import annotations

import sys
from typing import NoReturn

WORDS = """\
The Innovation Clusters Map is an application, not a package: there is nothing to install or build.
Run it from this folder: `make run` installs what it needs into .venv and serves the map.
Without make: `pip install -r requirements.txt`, then `python cli.py serve`."""


def refuse(*_: object, **__: object) -> NoReturn:
    """End the build with what to do instead."""
    sys.exit(WORDS)


# The hooks of PEP 517 and PEP 660.
get_requires_for_build_wheel = get_requires_for_build_sdist = get_requires_for_build_editable = refuse
build_wheel = build_sdist = build_editable = refuse
