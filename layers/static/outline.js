/* The outlines of places: a strong line, and what lies outside a little fainter. */
"use strict";

/** A ring around all that a map can show, in latitudes and longitudes. */
ICM.AROUND = [[20, -90], [20, 90], [80, 90], [80, -90]];
/** A place of fewer pixels than this is ringed, so that it can be found. */
ICM.DOT = 20;
/** Islands of fewer pixels than this get no line: theirs would hide them. */
ICM.ISLAND = 7;

ICM.painters.outline = (stage) => {
  let group = null;
  /** The rings of each place. */
  let places = [];
  let zoom = null;
  /** A line alone: no veil, and what is around keeps its names. */
  let plain = false;

  const turned = (ring) => ring.map(([lon, lat]) => [lat, lon]);

  /** Pixels from corner to corner. */
  const spans = (box) => stage.map.project(box.getNorthEast()).distanceTo(stage.map.project(box.getSouthWest()));

  const draw = () => {
    const before = group;
    zoom = stage.map.getZoom();
    const far = stage.level() < 8.5;
    const base = { pane: "outline", renderer: stage.renderer("outline"), interactive: false };
    // Filled by the even-odd rule: each ring of the place turns the veil off, each hole in it on again.
    const veil = L.polygon([ICM.AROUND, ...places.flat()], { ...base, stroke: false, fill: true, fillRule: "evenodd", fillColor: stage.colour("sea"), fillOpacity: 0.45 });
    const lined = places.flatMap((rings) => {
      const long = rings.filter((ring) => spans(L.latLngBounds(ring)) >= ICM.ISLAND);
      return (long.length ? long : rings).map((ring) => [ring]);
    });
    const line = (color, weight, opacity) => L.polygon(lined, { ...base, fill: false, color, weight, opacity, lineJoin: "round" });
    const boxes = places.map((rings) => rings.reduce((box, ring) => box.extend(L.latLngBounds(ring)), L.latLngBounds([])));
    const ring = (box, color, weight) => L.circleMarker(box.getCenter(), { ...base, radius: 12, fill: false, color, weight });
    const small = boxes.filter((box) => spans(box) < ICM.DOT);
    const found = small.flatMap((box) => [ring(box, stage.colour("halo"), 4.5), ring(box, stage.colour("ink"), 2)]);
    group = L.layerGroup([...(plain ? [] : [veil]), line(stage.colour("halo"), far ? 3.2 : 4.5, 0.8), line(stage.colour("ink"), far ? 1.3 : 2, 1), ...found]).addTo(stage.map);
    before?.remove();
  };

  return {
    async show(config) {
      const urls = config.urls || [config.url];
      const answers = config.shape ? [{ geometry: config.shape }] : await Promise.all(urls.map((url) => stage.load(url)));
      const shapes = answers.filter(Boolean).map(({ geometry }) => geometry);
      if (!shapes.length || !stage.current(config)) return;
      places = shapes.map(({ type, coordinates }) => (type === "Polygon" ? coordinates : coordinates.flat()).map(turned));
      plain = Boolean(config.plain);
      if (!plain) stage.holds = ({ lat, lon }) => shapes.some((shape) => ICM.inside(shape, { lat, lng: lon }));
      draw();
    },
    moved() {
      if (group && zoom !== stage.map.getZoom()) draw();
    },
    hide() {
      group?.remove();
      group = stage.holds = null;
      places = [];
    },
    drawn: () => ({ rings: group ? places.flat().length : 0 }),
  };
};
