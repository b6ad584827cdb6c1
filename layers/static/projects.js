/* Projects: a ring sized by the award where the work is at a site; the outline of the area where it is for an area. */
"use strict";

ICM.painters.projects = (stage) => {
  let body = null;
  let rings = null;
  let areas = null;

  const radius = (pounds) => {
    const { award_px_100m: unit, award_px_least: least } = stage.style.sizes;
    return pounds ? Math.max(least, (unit * Math.sqrt(pounds)) / 1e4) : least;
  };
  const ring = (row) => {
    const base = { pane: "projects", renderer: stage.renderer("projects"), interactive: false, fill: false, radius: radius(row.award) };
    const position = [row.lat, row.lon];
    return [
      L.circleMarker(position, { ...base, color: stage.colour("halo"), weight: 3, opacity: 0.6 }),
      L.circleMarker(position, { ...base, color: stage.colour("award"), weight: 1.3, dashArray: row.counted ? null : "2 2" }),
    ];
  };
  const areaStyle = () => ({
    fill: false, color: stage.colour("award"), weight: 1, opacity: 0.6, dashArray: "4 3",
  });

  return {
    async show(config) {
      const [outlines, answer] = await Promise.all([stage.load(config.shapes), stage.load(config.url)]);
      if (!outlines || !answer || !stage.current(config)) return;
      body = answer;
      const ids = new Set(body.areas.map((area) => area.id));
      const before = [rings, areas];
      rings = L.layerGroup([...body.points].sort((a, b) => (b.award || 0) - (a.award || 0)).flatMap(ring)).addTo(stage.map);
      areas = L.geoJSON({ ...outlines, features: outlines.features.filter((feature) => ids.has(feature.properties.id)) }, { pane: "areas", renderer: stage.renderer("areas"), interactive: false, style: areaStyle }).addTo(stage.map);
      before.forEach((layer) => layer?.remove());
    },
    hide() {
      rings?.remove();
      areas?.remove();
      rings = areas = body = null;
    },
    under(point) {
      return (body?.points || [])
        .filter((row) => stage.map.latLngToLayerPoint([row.lat, row.lon]).distanceTo(point) <= radius(row.award) + 2)
        .map((row) => ({ kind: "projects", title: row.name, text: row.text }));
    },
    labels: () =>
      stage.level() < 11 ? [] : (body?.points || []).map((row) => ({ text: [row.name], lat: row.lat, lon: row.lon, weight: 1e6 + (row.award || 0) / 1e3, reach: radius(row.award) + 3, small: true, colour: stage.colour("award") })),
    legend() {
      if (!body) return null;
      const entries = body.points.length ? [1e7, 1e8].map((size) => ({ ring: radius(size), colour: stage.colour("award"), text: `${ICM.pounds(size)} to a site` })) : [];
      if (body.points.some((row) => !row.counted)) entries.push({ ring: radius(1e7), dotted: true, colour: stage.colour("award"), text: "figure unknown or not counted" });
      if (body.areas.length) entries.push({ dash: true, colour: stage.colour("award"), text: "award to a whole area" });
      return { title: "Projects", hint: "Public awards found for this map. Rings stand at sites; an award to an area is drawn as the area.", entries, note: body.note };
    },
    drawn: () => ({ rings: body ? body.points.length : 0, areas: body ? body.areas.length : 0 }),
  };
};
