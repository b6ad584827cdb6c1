/* Research assets: a shape for each type. */
"use strict";

ICM.painters.assets = (stage) => {
  let body = null;
  let group = null;
  const size = () => (stage.level() < 9 ? 3.6 : 6);

  const draw = () => {
    const before = group;
    const base = { pane: "assets", renderer: stage.renderer("assets"), interactive: false, weight: 1, color: stage.colour("halo"), fill: true, fillColor: stage.colour("asset"), fillOpacity: 0.95, radius: size() };
    group = L.layerGroup(body.rows.map((row) => new ICM.Mark([row.lat, row.lon], { ...base, mark: stage.style.assets[row.type].mark }))).addTo(stage.map);
    before?.remove();
  };

  return {
    async show(config) {
      const answer = await stage.load(config.url);
      if (!answer || !stage.current(config)) return;
      body = answer;
      draw();
    },
    hide() {
      group?.remove();
      group = body = null;
    },
    moved() {
      if (body) draw();
    },
    under(point) {
      return (body?.rows || [])
        .filter((row) => stage.map.latLngToLayerPoint([row.lat, row.lon]).distanceTo(point) <= size() + 3)
        .map((row) => ({ kind: "assets", title: row.name, text: row.text }));
    },
    labels: () =>
      stage.level() < 11 ? [] : (body?.rows || []).map((row) => ({ text: [row.name], lat: row.lat, lon: row.lon, weight: 1e5, reach: 9, small: true, colour: stage.colour("asset") })),
    legend() {
      if (!body) return null;
      const found = new Set(body.rows.map((row) => row.type));
      const entries = Object.entries(stage.style.assets).filter(([type]) => found.has(type)).map(([, asset]) => ({ mark: asset.mark, colour: stage.colour("asset"), text: asset.label }));
      return { title: "Research assets", hint: "Universities, Catapults, science parks, institutes and public research establishments.", entries, note: body.note };
    },
    drawn: () => ({ marks: body ? body.rows.length : 0 }),
  };
};
