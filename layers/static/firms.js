/* Firms: counts far out, points near; fetched for what is visible. */
"use strict";

ICM.painters.firms = (stage) => {
  let wanted = null;
  let group = null;
  let body = null;
  let calling = null;

  const address = () => {
    const bounds = stage.map.getBounds().pad(0.1);
    const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((n) => n.toFixed(3));
    const mark = wanted.url.includes("?") ? "&" : "?";
    return `${wanted.url}${mark}bbox=${box.join(",")}&zoom=${Math.floor(stage.level())}`;
  };
  // The fullest cell in sight is as large as a cell allows, whether it holds sixty firms or sixty thousand.
  let most = 60;
  const radius = (row) => (row.count === 1 ? 3 : 3 + 13 * Math.sqrt(row.count / most));
  const round = (number) => Number(number.toPrecision(1));

  /** Firms in the fullest cell in sight: of any of the maps side by side, so that their dots can be compared. */
  const fullest = () => {
    stage.fullest = Math.max(60, ...body.rows.map((row) => row.count));
    return Math.max(...(stage.panel ? window.icmPanels : [stage]).map((each) => each.fullest || 60));
  };

  const draw = () => {
    const before = group;
    most = fullest();
    const look = { color: stage.colour("halo"), fillColor: stage.colour("firm"), weight: 1, radius, opacity: (row) => (row.count === 1 ? 0.85 : 0.45) };
    group = new ICM.Dots(body.rows, { pane: "firms", renderer: stage.renderer("firms"), interactive: false, ...look }).addTo(stage.map);
    before?.remove();
  };

  const refresh = async () => {
    calling?.abort();
    calling = new AbortController();
    const asked = wanted;
    const answer = await stage.load(address(), calling.signal);
    if (!answer || asked !== wanted) return;
    body = answer;
    draw();
    if (stage.panel) for (const other of window.icmPanels) if (other !== stage) other.painters.firms.rescale(most);
    stage.emit("painted");
  };

  return {
    async show(config) {
      wanted = config;
      await refresh();
    },
    hide() {
      wanted = body = stage.fullest = null;
      group?.remove();
      group = null;
    },
    moved() {
      if (wanted) refresh();
    },
    rescale(shared) {
      if (!body || most === shared) return;
      draw();
      stage.emit("painted");
    },
    under(point) {
      return (body?.rows || [])
        .filter((row) => stage.map.latLngToLayerPoint([row.lat, row.lon]).distanceTo(point) <= radius(row) + 2)
        .map((row) => ({ kind: "firms", title: row.name || ICM.count(row.count, "firm"), text: row.text || "in this cell" }));
    },
    labels: () =>
      // Where every address has a number, none can be read.
      (body?.points ? body.rows.filter((row) => row.name || body.rows.length <= 300) : []).map((row) => ({ text: [row.name || ICM.count(row.count, "firm")], lat: row.lat, lon: row.lon, weight: 1e3 + row.count, reach: 6, small: true })),
    legend() {
      if (!body) return null;
      const entries = body.points
        ? [{ dot: 3, colour: stage.colour("firm"), text: "a firm, or several at one address" }]
        : [1, round(most / 6), round(most * 0.8)].map((count) => ({ dot: radius({ count }), colour: stage.colour("firm"), faint: count > 1, text: ICM.count(count, "firm") }));
      return { title: "Firms", hint: body.caveat, entries, note: body.note };
    },
    drawn: () => ({ symbols: body ? body.rows.length : 0, firms: body ? body.rows.reduce((sum, row) => sum + row.count, 0) : 0, points: Boolean(body?.points) }),
  };
};
