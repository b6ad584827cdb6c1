/* Clusters: far out a disc sized by firms, near its footprint; the core is solid, the fringe light. */
"use strict";

/** Labels that the legend lists; of more, the largest in sight. */
ICM.MOST_LABELS = 12;

ICM.painters.clusters = (stage) => {
  let body = null;
  let group = null;
  let near = null;

  const isNear = () => stage.level() >= stage.style.sizes.footprint_zoom;
  const colour = (row) => stage.style.sectors[row.label]?.colour || stage.colour("ink");
  const radius = (row) => Math.max(4.5, stage.style.sizes.cluster_px_10_firms * Math.sqrt(row.firms / (body?.key_firms || 10)));
  const base = () => ({ pane: "clusters", renderer: stage.renderer("clusters"), interactive: false });

  const disc = ({ properties: row }) => {
    const paint = colour(row);
    const pale = row.standing === "pale";
    const mark = (style) => (row.one_site ? new ICM.Mark([row.lat, row.lon], { ...style, mark: "diamond" }) : L.circleMarker([row.lat, row.lon], style));
    const outer = { ...base(), radius: radius(row), color: paint, weight: 1.6, fill: true, fillColor: paint, fillOpacity: pale ? 0.06 : 0.28 };
    const halo = { ...base(), radius: radius(row) + 1.6, color: stage.colour("halo"), weight: 1.6, fill: false, opacity: 0.85 };
    const core = { ...base(), radius: radius(row) * Math.sqrt(row.core_share), stroke: false, fill: true, fillColor: paint, fillOpacity: 0.9 };
    return (pale ? [halo, outer] : [halo, outer, core]).map(mark);
  };

  const footprint = (feature) => {
    const paint = colour(feature.properties);
    const pale = feature.properties.standing === "pale";
    const fringe = { ...base(), color: paint, weight: 2, fill: true, fillColor: paint, fillOpacity: pale ? 0.06 : 0.3 };
    const halo = { ...base(), color: stage.colour("halo"), weight: 5, opacity: 0.75, fill: false };
    const layers = [halo, fringe].map((style) => L.geoJSON(feature, { ...base(), style: () => style }));
    if (feature.properties.core && !pale) {
      layers.push(L.geoJSON(feature.properties.core, { ...base(), style: () => ({ ...base(), stroke: false, fill: true, fillColor: paint, fillOpacity: 0.6 }) }));
    }
    return layers;
  };

  const draw = () => {
    near = isNear();
    const before = group;
    const features = [...body.features].sort((a, b) => b.properties.firms - a.properties.firms);
    group = L.layerGroup(features.flatMap(near ? footprint : disc)).addTo(stage.map);
    before?.remove();
  };

  /** Pixels from a footprint's middle to its edge, so that its name stands beside it. */
  const extent = (row) => {
    const west = stage.map.latLngToLayerPoint([row.lat, row.west]);
    const east = stage.map.latLngToLayerPoint([row.lat, row.east]);
    return Math.min(90, (east.x - west.x) / 2) + 6;
  };

  const holds = (feature, point, latlng) => {
    const row = feature.properties;
    if (!near) return stage.map.latLngToLayerPoint([row.lat, row.lon]).distanceTo(point) <= radius(row) + 3;
    return ICM.inside(feature.geometry, latlng);
  };

  /** Labels with the number of their clusters, most first. */
  const tally = (features) => {
    const counts = new Map();
    for (const { properties: row } of features) counts.set(row.label, (counts.get(row.label) || 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]);
  };
  /** Letters beside a name; a short name is its own. */
  const symbolOf = (label) => (stage.style.sectors[label]?.symbol === stage.style.sectors[label]?.label ? null : stage.style.sectors[label]?.symbol);
  const isSeen = ({ properties: row }) => stage.map.getBounds().contains([row.lat, row.lon]);

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
      if (body && near !== isNear()) draw();
    },
    under(point, latlng) {
      return (body?.features || [])
        .filter((feature) => holds(feature, point, latlng))
        .map(({ properties: row }) => ({ kind: "clusters", title: row.name, text: row.text, colour: colour(row), symbol: stage.style.sectors[row.label]?.symbol }));
    },
    labels: () =>
      (body?.features || []).map(({ properties: row }) => ({
        text: [stage.style.sectors[row.label]?.label || row.label, row.place], lat: row.lat, lon: row.lon, weight: 1e9 + row.firms * 1e3 + row.strength,
        reach: near ? extent(row) : radius(row) + 3, bold: true, near, colour: colour(row),
      })),
    legend() {
      if (!body) return null;
      const counts = tally(body.features);
      const many = counts.length > ICM.MOST_LABELS;
      // Of many labels those in sight matter; what they are of the whole is said below them.
      const seen = many ? tally(body.features.filter(isSeen)) : counts;
      const first = seen.slice(0, ICM.MOST_LABELS);
      const entries = first.map(([label, number]) => ({
        disc: stage.style.sectors[label]?.colour, symbol: symbolOf(label), text: `${stage.style.sectors[label]?.label || label}${stage.panel ? "" : ` (${number})`}`,
        press: { kind: "sector", id: label },
      }));
      const rest = [[seen.length - first.length, "in sight"], [counts.length - seen.length, "elsewhere"]].filter(([number]) => number);
      const marks = [
        { text: "uncertain: may be chance", outline: "circle", hollow: true, of: (row) => row.standing === "pale" },
        { text: "one site, not counted", outline: "diamond", of: (row) => row.one_site },
      ].filter(({ of }) => body.features.some(({ properties: row }) => of(row)));
      if (rest.length) entries.push({ text: rest.map(([number, where]) => `${ICM.count(number, "other")} ${where}`).join(", "), small: true });
      entries.push(...marks);
      return { title: "Clusters", hint: body.explained, entries, note: body.note };
    },
    drawn: () => ({ clusters: body ? body.features.length : 0, near }),
  };
};

/** Whether a point lies in a GeoJSON polygon or multipolygon (even-odd rule). */
ICM.inside = (geometry, { lat, lng }) => {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  const crossings = (ring) => {
    let odd = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi, yi] = ring[i];
      const [xj, yj] = ring[j];
      if (yi > lat !== yj > lat && lng < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) odd = !odd;
    }
    return odd;
  };
  return polygons.some((rings) => rings.reduce((odd, ring) => odd !== crossings(ring), false));
};
