"""The Folium side of a layer: a small element that names a URL of the API and holds no data."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import folium
from folium.template import Template


class Slot(folium.MacroElement):
    """A layer's place on the map: kind, URLs and options, all of them ours.

    Every run sends all of them, so the script of one is one short line.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "ICM.slot({{ this.text }}).addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, kind: str, **config: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Slot"
        self.config = {"kind": kind, **config}
        self.text = encoded(self.config)


class Stage(folium.MacroElement):
    """What starts our own script on the base map; constant, so that the map is never rebuilt."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            ICM.start({{ this._parent.get_name() }}, {{ this.text }});
        {% endmacro %}
        """
    )

    def __init__(self, **config: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Stage"
        self.text = encoded(config)


def encoded(config: Any) -> str:
    """Return a call that reads the value from a string of harmless characters.

    Folium renders scripts through a template twice and strips parts that look like its own names, so the
    value travels in base 64: letters, digits, ``+``, ``/`` and ``=`` only.

    Raises
    ------
    ValueError
        If the value holds NaN or an infinity, which JSON cannot say.
    """
    text = json.dumps(config, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return f'JSON.parse(atob("{b64encode(text.encode("ascii")).decode("ascii")}"))'
