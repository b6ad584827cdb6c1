"""A layer that nobody has heard of: a record and a painter, entered in the registry for a while."""

from __future__ import annotations

from types import MappingProxyType

from layers import registry
from layers.base import Layer, Served
from layers.mark import Entry, Legend, Look, Mark

COLOUR = "#00c47f"
ROWS = (("Kingfisher", 52.63, -1.13), ("Otter & Daughters", 52.19, 0.14), ("Heron", 53.48, -2.24))
ATTRIBUTION = "Leaflet"
MARK = Mark("diamond", 4.0, Look(face=COLOUR))
PAINTER = """/* Boats: a dot each. */
ICM.painters.boats = (stage) => {
  let body = null;
  let group = null;
  return {
    async show(config) {
      body = await stage.load(config.url);
      if (!body || !stage.current(config)) return;
      const base = { pane: "boats", renderer: stage.renderer("boats"), interactive: false, radius: 6 };
      group = L.layerGroup(body.rows.map((row) => L.circleMarker([row.lat, row.lon], base))).addTo(stage.map);
    },
    hide() {
      group?.remove();
    },
    under: (point) =>
      body.rows
        .filter((row) => stage.map.latLngToLayerPoint([row.lat, row.lon]).distanceTo(point) <= 8)
        .map((row) => ({ kind: "boats", title: row.name, text: "a boat" })),
    labels: () => body.rows.map(({ name, lat, lon }) => ({ text: [name], lat, lon, weight: 1e9, reach: 8 })),
    legend: () => ({ title: "Boats afloat", entries: [{ dot: 4, text: "a boat" }], note: "" }),
    drawn: () => ({ marks: body ? body.rows.length : 0 }),
  };
};
"""


def payload(_edition, _view):
    """Return every boat."""
    return {"rows": [{"name": name, "lat": lat, "lon": lon} for name, lat, lon in ROWS], "note": ""}


def draw(sheet, payload, _style):
    """Draw a diamond for each."""
    rows = payload["rows"]
    sheet.marks([row["lon"] for row in rows], [row["lat"] for row in rows], [MARK] * len(rows), 7)


def legend(payload, _style):
    """Return a line for all of them."""
    return Legend("Boats afloat", (Entry("a boat", (MARK,)),), payload["note"])


def launched(monkeypatch, folder):
    """Enter the layer in the registry until the test is over, and return it."""
    script = folder / "boats.js"
    script.write_text(PAINTER, encoding="utf-8")
    layer = Layer(
        kind="boats",
        label="Boats",
        payload=payload,
        draw=draw,
        legend=legend,
        sources=("leaflet",),
        served=Served("boats/afloat", "Boats as points", payload, holds={"rows": "rows"}),
        behind=("programmes",),
        points="rows",
        script=script,
    )
    monkeypatch.setattr(registry, "LAYERS", MappingProxyType({**registry.LAYERS, layer.kind: layer}))
    return layer
