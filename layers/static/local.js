/* A map in one file: what a server would answer is answered from what the file holds. */
"use strict";

/** As the server has it: a click means so many pixels around it, and a pixel so many metres at 54 degrees north. */
ICM.CLICK = { pixels: 14, metresAtZoom0: 92000 };
ICM.MOST_LISTED = 12;
/** Metres of a degree of latitude. */
ICM.DEGREE = 111200;

ICM.distance = (metres) => (metres < 995 ? `${Math.round(metres / 10) * 10} metres` : `${ICM.trim(metres / 1000, 2)} km`);

/** Metres from a point as a plane around it, which is right enough within some kilometres. */
ICM.plane = ({ lat, lng }) => {
  const across = ICM.DEGREE * Math.cos((lat * Math.PI) / 180);
  return ([x, y]) => L.point((x - lng) * across, (y - lat) * ICM.DEGREE);
};

/** Whether a GeoJSON polygon or multipolygon lies within so many metres of a point. */
ICM.within = (geometry, point, metres) => {
  if (ICM.inside(geometry, point)) return true;
  const here = L.point(0, 0);
  const turned = ICM.plane(point);
  const rings = geometry.type === "Polygon" ? geometry.coordinates : geometry.type === "MultiPolygon" ? geometry.coordinates.flat() : [];
  return rings.some((ring) => {
    const corners = ring.map(turned);
    return corners.some((corner, place) => place && L.LineUtil.pointToSegmentDistance(here, corners[place - 1], corner) <= metres);
  });
};

ICM.File = class {
  constructor() {
    this.blocks = new Map([...document.querySelectorAll("script[data-file]")].map((block) => [block.dataset.file, block]));
    this.kept = new Map();
  }

  has(name) {
    return this.blocks.has(name);
  }

  read(name) {
    if (!this.has(name)) throw new Error("This file does not hold that; the full map does.");
    if (!this.kept.has(name)) this.kept.set(name, JSON.parse(this.blocks.get(name).textContent));
    return this.kept.get(name);
  }

  answer(path, asked) {
    if (path === "style") return this.read(`style-${asked.get("theme")}`);
    if (path === "firms/grid") return this.firms(asked);
    if (path === "at") return this.at(asked);
    return this.read(path);
  }

  /** Counts by cell of the finest size that suits the zoom, or the firms themselves; in both, some by authority. */
  firms(asked) {
    const { cells, points, counted, apart, caveat, note, near, told } = this.read("firms/grid");
    const zoom = Number(asked.get("zoom"));
    const [west, south, east, north] = asked.get("bbox").split(",").map(Number);
    const seen = ([, lon, lat]) => west <= lon && lon <= east && south <= lat && lat <= north;
    const row = ([count, lon, lat, name, text]) => ({ count, lon, lat, name, text });
    const alone = Boolean(points) && zoom >= near;
    const level = cells.findLast((each) => each.zoom <= zoom) || cells[0];
    const rows = [...(alone ? points : level?.rows || []), ...counted].filter(seen).map(row);
    const coarse = !alone && level && zoom > level.zoom ? told : "";
    const notes = [coarse, counted.some(seen) ? apart : "", rows.length ? "" : note || "No firm here. Zoom out."];
    return { points: alone, rows, caveat, note: notes.filter(Boolean).join(" ") };
  }

  /** What is at a point, as far as the file holds it. */
  at(asked) {
    const [lat, lng, zoom] = ["lat", "lon", "zoom"].map((name) => Number(asked.get(name)));
    const here = { lat, lng };
    const reach = (ICM.CLICK.pixels * ICM.CLICK.metresAtZoom0) / 2 ** zoom;
    const regions = this.has("regions") ? this.regionsAt(here) : undefined;
    return {
      title: regions?.[0]?.name || (regions ? "Outside the United Kingdom's land" : "At this point"),
      within: ICM.distance(reach),
      ...this.clustersAt(here, reach), ...this.projectsAt(here, reach), regions,
      note: this.read("card").note,
    };
  }

  regionsAt(here) {
    const { rows, level_name: level } = this.read("regions");
    const shapes = this.read(`shapes/${this.read("regions").level}`);
    const holding = new Set(shapes.features.filter(({ geometry }) => ICM.inside(geometry, here)).map(({ properties }) => properties.id));
    return rows.filter((row) => holding.has(row.id)).map((row) => ({ name: row.name, text: `${level}, ${row.id}: ${row.text}` }));
  }

  clustersAt(here, reach) {
    if (!this.has("clusters")) return {};
    const { features, note } = this.read("clusters");
    const found = features.filter(({ geometry }) => ICM.within(geometry, here, reach));
    return { clusters: found.map((feature) => this.cluster(feature)), no_clusters: note || "No cluster here. Clusters are drawn in colour." };
  }

  cluster({ geometry, properties: row }) {
    const { meanings, facts, own_meanings: own } = this.read("card");
    const bounds = L.geoJSON(geometry).getBounds();
    const box = { west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth() };
    const told = (facts[row.cluster_id] || []).map((value, place) => [meanings[place][0], value, own[row.cluster_id]?.[place] ?? meanings[place][1]]);
    return { ...row, ...box, facts: told };
  }

  projectsAt(here, reach) {
    if (!this.has("projects/map")) return {};
    const turned = ICM.plane(here);
    const found = this.read("projects/map").points
      .filter((row) => turned([row.lon, row.lat]).distanceTo(L.point(0, 0)) <= reach)
      .sort((a, b) => (b.award || 0) - (a.award || 0));
    return { projects: found.slice(0, ICM.MOST_LISTED), projects_total: found.length };
  }
};

/** Answers the addresses of the API, without asking anyone. */
ICM.local = (api) => {
  const file = new ICM.File();
  return async (url) => {
    const [path, query] = url.slice(api.length + 1).split("?");
    return file.answer(path, new URLSearchParams(query));
  };
};
