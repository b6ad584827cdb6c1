"""The page as a script, run without a browser."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

MAIN = Path(__file__).parents[2] / "views" / "main.py"
ENCODED = re.compile(r'JSON\.parse\(atob\("([A-Za-z0-9+/=]*)"\)\)')


class Page:
    """One session: what it shows, what it sends to the map, and the address."""

    def __init__(self, query=(), seconds=60, path=""):
        self.test = AppTest.from_file(str(MAIN), default_timeout=seconds)
        self.test._page_hash = calc_hash(path)
        for name, value in query:
            self.test.query_params[name] = [*self.test.query_params.get(name, []), value]
        self.run()

    def run(self):
        self.test.run()
        assert not self.test.exception, [fault.value for fault in self.test.exception]
        return self

    @property
    def address(self):
        given = self.test.query_params.items()
        return {name: [value] if isinstance(value, str) else list(value) for name, value in given}

    @property
    def view(self):
        return self.test.session_state["view"]

    @property
    def texts(self):
        """Everything that is said in words."""
        kinds = ("markdown", "caption", "info", "warning", "error", "title")
        return " ".join(str(element.value) for kind in kinds for element in self.test.get(kind))

    @property
    def heading(self):
        return next(
            part.proto.body for part in self.test.get("html") if 'class="sentence"' in part.proto.body
        )

    def arguments(self):
        """Return what the map is sent, as the browser reads it."""
        [component] = self.test.get("component_instance")
        assert component.proto.component_name == "streamlit_folium.st_folium"
        return json.loads(component.proto.json_args)

    def slots(self):
        """Return the layers that the map is to show, by kind."""
        texts = ENCODED.findall(self.arguments()["feature_group"])
        parts = [json.loads(base64.b64decode(text)) for text in texts]
        return {part["kind"]: part for part in parts}

    def press(self, label):
        next(button for button in self.test.button if button.label == label).click()
        return self.run()

    def choose(self, key, *values):
        self.test.multiselect(key=key).set_value(list(values))
        return self.run()
