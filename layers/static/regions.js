/* Regions: a choropleth for rates, symbols for sums, outlines for neither. */
"use strict";

ICM.painters.regions = (stage) => {
  let shapes = null;
  let shapesUrl = "";
  let symbols = null;
  let body = null;
  let near = false;
  let wanted = null;
  let values = new Map();

  const hatch = () => {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const pen = tile.getContext("2d");
    pen.fillStyle = stage.colour("land");
    pen.fillRect(0, 0, 6, 6);
    pen.strokeStyle = stage.colour("hatch");
    pen.lineWidth = 1;
    pen.beginPath();
    for (const start of [-3, 3]) {
      pen.moveTo(start, 6);
      pen.lineTo(start + 6, 0);
    }
    pen.moveTo(3, 9);
    pen.lineTo(9, 3);
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  };

  const classOf = (value) => {
    const index = body.breaks.findIndex((bound) => value <= bound);
    return index < 0 ? body.breaks.length - 1 : index;
  };

  /** Spread the ramp over the classes there are, so that three classes are as far apart as five. */
  const rampColour = (index, count) => {
    const ramp = stage.colour("ramp");
    const colour = ramp[count < 2 ? ramp.length - 2 : Math.round((index * (ramp.length - 1)) / (count - 1))];
    return stage.panel ? mixed(colour, stage.colour("land"), 0.7) : colour;
  };

  /** So much of one colour and the rest of another, both as #rrggbb. */
  const mixed = (one, other, share) => {
    const parts = (colour) => [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
    const [first, second] = [parts(one), parts(other)];
    return `rgb(${first.map((part, place) => Math.round(part * share + second[place] * (1 - share))).join(",")})`;
  };

  const styleOf = (empty) => (feature) => {
    const row = values.get(feature.properties.id);
    const filled = body.measure.kind === "rate";
    const value = row?.value;
    const fillColor = !filled ? stage.colour("land") : value > 0 ? rampColour(classOf(value), body.breaks.length) : empty;
    return {
      stroke: true, weight: filled ? 0.8 : 1, fill: true, fillColor, fillOpacity: filled ? (isNear() && !stage.panel ? 0.6 : 1) : 0,
      color: filled ? stage.colour("border") : stage.colour("outline"), opacity: filled ? 0.9 : 0.6,
    };
  };

  /** Near, what stands on the regions matters more than their colour; side by side, one colour has to mean one thing at all zooms. */
  const isNear = () => stage.level() >= stage.style.sizes.footprint_zoom;

  const radius = (pounds) => {
    const scale = body.measure.unit === "£" ? stage.style.sizes.region_px_100m / Math.sqrt(1e8) : 3 * body.measure.shrink;
    return Math.max(1.5, Math.sqrt(pounds) * scale);
  };

  /** What is more by place of delivery is a filled disc, what is more by lead's address a hollow ring: not by colour alone. */
  const differences = (base) =>
    body.rows
      .filter((row) => row.value)
      .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
      .map((row) => {
        const more = row.value > 0;
        const colour = stage.colour(more ? "award" : "private");
        return new ICM.Mark([row.lat, row.lon], { ...base, mark: "circle", radius: radius(Math.abs(row.value)), color: colour, weight: more ? 1.2 : 2, fillColor: colour, fillOpacity: 0.35, fill: more });
      });

  /** How many symbols are filled, or hollow (for tests). */
  const marksOf = (filled) => (symbols ? symbols.getLayers().filter((mark) => mark.options.fill === filled).length : 0);

  const drawSymbols = () => {
    symbols?.remove();
    symbols = null;
    if (!["sum", "pair", "difference"].includes(body.measure.kind)) return;
    const base = { pane: "region-symbols", renderer: stage.renderer("region-symbols"), interactive: false, weight: 1.2 };
    const marks = [];
    if (body.measure.kind === "difference") marks.push(...differences(base));
    else for (const row of [...body.rows].sort((a, b) => Math.max(b.value, b.value2) - Math.max(a.value, a.value2))) {
      const sides = body.measure.kind === "pair" ? [["half-left", row.value, "award"], ["half-right", row.value2, "private"]] : [["circle", row.value, "award"]];
      for (const [mark, amount, role] of sides) {
        if (!(amount > 0)) continue;
        const colour = stage.colour(role);
        marks.push(new ICM.Mark([row.lat, row.lon], { ...base, mark, radius: radius(amount), color: colour, fillColor: colour, fillOpacity: 0.35, fill: true }));
      }
    }
    symbols = L.layerGroup(marks).addTo(stage.map);
  };

  return {
    async show(config) {
      wanted = config;
      const url = `${config.shapes}?detail=${stage.detail()}`;
      const [geometry, answer] = await Promise.all([stage.load(url), stage.load(config.url)]);
      if (!geometry || !answer || !stage.current(config)) return;
      body = answer;
      values = new Map(body.rows.map((row) => [row.id, row]));
      const style = styleOf(hatch());
      near = isNear();
      if (shapesUrl !== url) {
        const before = shapes;
        shapes = L.geoJSON(geometry, { pane: "regions", renderer: stage.renderer("regions"), interactive: false, style }).addTo(stage.map);
        before?.remove();
        shapesUrl = url;
      } else shapes.setStyle(style);
      drawSymbols();
    },
    hide() {
      shapes?.remove();
      symbols?.remove();
      shapes = symbols = body = wanted = null;
      shapesUrl = "";
    },
    moved() {
      if (wanted && shapes && !shapesUrl.endsWith(stage.detail())) this.show(wanted);
      if (!shapes || !body || near === isNear()) return;
      near = isNear();
      shapes.setStyle(styleOf(hatch()));
    },
    under(point) {
      if (!shapes || !body) return [];
      const found = [];
      shapes.eachLayer((layer) => {
        if (layer._pxBounds?.contains(point) && layer._containsPoint(point)) found.push(values.get(layer.feature.properties.id));
      });
      return found.filter(Boolean).map((row) => ({ kind: "regions", title: row.name, text: row.text }));
    },
    legend() {
      if (!body) return null;
      const { measure, breaks } = body;
      const entries = [];
      if (measure.kind === "rate" && breaks.length) {
        breaks.forEach((bound, index) => {
          const low = index ? breaks[index - 1] : 0;
          const words = index ? `${body.words[index - 1]} to ${body.words[index]}` : `up to ${body.words[index]}`;
          entries.push({ swatch: rampColour(index, breaks.length), text: words, low });
        });
        entries.push({ hatch: true, text: body.none });
      }
      if (measure.kind === "sum" || measure.kind === "pair") {
        const most = Math.max(...body.rows.map((row) => Math.max(row.value, measure.kind === "pair" ? row.value2 : 0)));
        const sizes = measure.unit === "£" && most >= 1e9 ? [...body.sizes, [1e9, ICM.pounds(1e9)]] : body.sizes;
        for (const [size, text] of sizes) entries.push({ ring: radius(size), colour: stage.colour("award"), fill: true, text });
        if (measure.kind === "pair") entries.push({ half: true, text: "left: public, right: private" });
      }
      if (measure.kind === "difference") {
        entries.push({ ring: radius(3e7), colour: stage.colour("award"), fill: true, text: "more by place of delivery" });
        entries.push({ ring: radius(3e7), colour: stage.colour("private"), text: "more by lead's address" });
        for (const [size, text] of body.sizes) entries.push({ ring: radius(size), colour: stage.colour("award"), fill: true, text });
      }
      return { title: `${measure.label}, by ${body.level_name}`, hint: measure.definition, entries, note: body.note };
    },
    drawn: () => ({ polygons: shapes ? shapes.getLayers().length : 0, measure: body?.measure.id, symbols: symbols ? symbols.getLayers().length : 0, discs: marksOf(true), rings: marksOf(false), coloured: body ? body.rows.filter((row) => row.value > 0).length : 0 }),
  };
};
