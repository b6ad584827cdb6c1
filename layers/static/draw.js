/* Drawing an area: corners by click, tap or keyboard; told to the page as a ring once it is closed. */
"use strict";

/* Pixels within which a click means a corner that is there: a finger is less exact. */
ICM.NEAR_CORNER = { mouse: 10, touch: 22 };
/* An edge is straight on the screen and nearly so in the metres that are counted with; longer ones get corners between. */
ICM.LONGEST_EDGE_KM = 20;
/* As the server has it. */
ICM.LEAST_KM2 = 0.01;
ICM.EARTH_KM = 6371.0088;

ICM.rings = {
  /** Square kilometres inside corners of latitude and longitude, on a sphere. */
  area(corners) {
    const rad = Math.PI / 180;
    const parts = corners.map((corner, place) => {
      const next = corners[(place + 1) % corners.length];
      return (next.lng - corner.lng) * rad * (2 + Math.sin(corner.lat * rad) + Math.sin(next.lat * rad));
    });
    return Math.abs(parts.reduce((sum, part) => sum + part, 0) * ICM.EARTH_KM ** 2) / 2;
  },
  /** On which side of a line a point lies; 0 on it. */
  side: (a, b, c) => Math.sign((b.lng - a.lng) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lng - a.lng)),
  between: (a, b, c) => Math.min(a.lng, b.lng) <= c.lng && c.lng <= Math.max(a.lng, b.lng) && Math.min(a.lat, b.lat) <= c.lat && c.lat <= Math.max(a.lat, b.lat),
  /** Whether two edges share a point. */
  meet(a, b, c, d) {
    const { side, between } = ICM.rings;
    const [c1, d1, a1, b1] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
    if (c1 !== d1 && a1 !== b1) return true;
    return [[a, b, c, c1], [a, b, d, d1], [c, d, a, a1], [c, d, b, b1]].some(([from, to, at, where]) => where === 0 && between(from, to, at));
  },
  /** Whether an edge from the last corner to a new one would touch an edge that is there, but the one it goes on from. */
  blocked(corners, next) {
    const last = corners[corners.length - 1];
    const before = corners[corners.length - 2];
    const back = before && ICM.rings.side(before, last, next) === 0 && (last.lng - before.lng) * (next.lng - last.lng) + (last.lat - before.lat) * (next.lat - last.lat) < 0;
    return Boolean(back) || corners.slice(0, -2).some((corner, place) => ICM.rings.meet(corner, corners[place + 1], last, next));
  },
  /** Whether the edge that closes a ring would touch another, but its two neighbours. */
  unclosable(corners) {
    const last = corners[corners.length - 1];
    return corners.slice(1, -2).some((corner, place) => ICM.rings.meet(corner, corners[place + 2], last, corners[0]));
  },
  /** The ring with corners between those that are far from each other, each rounded. */
  dense(corners) {
    const plane = L.Projection.SphericalMercator;
    return corners.flatMap((corner, place) => {
      const next = corners[(place + 1) % corners.length];
      const steps = Math.max(1, Math.ceil(L.CRS.Earth.distance(corner, next) / 1000 / ICM.LONGEST_EDGE_KM));
      const [from, to] = [plane.project(corner), plane.project(next)];
      return Array.from({ length: steps }, (_, step) => (step ? plane.unproject(from.add(to.subtract(from).multiplyBy(step / steps))) : corner));
    }).map(({ lat, lng }) => [+lat.toFixed(5), +lng.toFixed(5)]);
  },
};

ICM.parts.push((stage) => {
  if (!stage.settings.draw) return;
  const { map } = stage;
  const container = map.getContainer();
  const count = ICM.el("p", { class: "icm-draw-count", role: "status" });
  const warning = ICM.el("p", { class: "icm-draw-warning", role: "alert", hidden: true });
  const finish = ICM.el("button", { type: "button", onclick: () => close() }, "Finish");
  const back = ICM.el("button", { type: "button", onclick: () => undo() }, "Take back a corner");
  const cancel = ICM.el("button", { type: "button", onclick: () => stop() }, "Give up");
  const box = ICM.el("section", { class: "icm-draw icm-panel", hidden: true, "aria-label": "Drawing an area" },
    ICM.el("h2", {}, "Draw an area"),
    ICM.el("p", {}, "Click or tap for each corner; click the first one again, or double-click, to finish."),
    ICM.el("p", { class: "icm-note icm-draw-keys" }, "By keyboard: arrow keys move the map, Space sets a corner at the cross, Backspace takes one back, Enter finishes, Escape gives up."),
    count, warning, ICM.el("div", { class: "icm-draw-buttons" }, finish, back, cancel));
  const cross = ICM.el("div", { class: "icm-cross", hidden: true, "aria-hidden": "true" });
  container.append(box, cross);
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
  // A button that was pressed keeps the keys to itself: give them back to the map.
  box.addEventListener("click", () => stage.drawing && container.focus({ preventScroll: true }));

  let corners = [];
  let pointer = null;
  let marks = null;
  let kept = null;
  let keptRing = null;

  const rounded = (latlng) => {
    const { lat, lng } = latlng.wrap();
    return L.latLng(+lat.toFixed(5), +lng.toFixed(5));
  };
  const warn = (text) => {
    warning.textContent = text || "";
    warning.hidden = !text;
  };
  const line = (points, options) => L.polyline(points, { pane: "focus", renderer: stage.renderer("focus"), interactive: false, color: stage.colour("focus"), weight: 2.5, ...options });
  const dot = (point, first) => L.circleMarker(point, { pane: "focus", renderer: stage.renderer("focus"), interactive: false, radius: first ? 6.5 : 4.5, color: stage.colour("focus"), weight: 2, fill: true, fillColor: stage.colour("panel"), fillOpacity: 1 });
  const shape = (ring, options) => L.polygon(ring, { pane: "focus", renderer: stage.renderer("focus"), interactive: false, color: stage.colour("focus"), weight: 2.5, fill: true, fillColor: stage.colour("focus"), fillOpacity: 0.1, ...options });

  /** A line that stands out from any ground. */
  const strong = (points, make) => [make(points, { color: stage.colour("halo"), weight: 5, opacity: 0.8, fill: false }), make(points)];

  const show = () => {
    marks?.remove();
    const parts = [];
    const wrong = pointer && corners.length && ICM.rings.blocked(corners, pointer);
    if (corners.length > 2) parts.push(shape(corners, { stroke: false }));
    if (corners.length > 1) parts.push(...strong(corners, line));
    if (pointer && corners.length) parts.push(line([corners[corners.length - 1], pointer], { weight: 1.5, dashArray: wrong ? "1 6" : "6 4", color: wrong ? stage.colour("private") : stage.colour("focus") }));
    parts.push(...corners.map((corner, place) => dot(corner, !place)));
    marks = L.layerGroup(parts).addTo(map);
    const live = pointer && corners.length > 1 && !wrong ? [...corners, pointer] : corners;
    const size = live.length > 2 ? `, about ${ICM.trim(ICM.rings.area(live), 3)} km²` : "";
    count.textContent = `${ICM.count(corners.length, "corner")}${size}`;
    finish.disabled = corners.length < 3;
    back.disabled = !corners.length;
  };

  const near = (event, corner) => {
    const touch = event.originalEvent?.pointerType === "touch";
    return corner && map.latLngToContainerPoint(corner).distanceTo(event.containerPoint) <= ICM.NEAR_CORNER[touch ? "touch" : "mouse"];
  };

  const add = (latlng) => {
    const corner = rounded(latlng);
    const last = corners[corners.length - 1];
    if (last?.equals(corner, 0)) return;
    if (corners.length && ICM.rings.blocked(corners, corner)) {
      warn("This line would cross the outline, so the corner was not set. Choose another, or take one back.");
      return;
    }
    warn("");
    corners.push(corner);
    show();
  };
  const undo = () => {
    corners.pop();
    warn("");
    show();
  };

  const close = () => {
    if (corners.length < 3) return warn("An area needs at least three corners.");
    if (ICM.rings.unclosable(corners) || ICM.rings.blocked(corners.slice(-2), corners[0])) return warn("The last line, back to the first corner, would cross the outline. Take a corner back, or set another.");
    if (ICM.rings.area(corners) < ICM.LEAST_KM2) return warn("This area is smaller than one hectare, the least that can be counted in. Zoom in, or draw a larger one.");
    const ring = ICM.rings.dense(corners);
    keep(corners);
    stop();
    ICM.tell({ kind: "area", ring });
  };

  /** Leave the polygon on the map: until another is begun, or the page says that it shows it otherwise. */
  const keep = (ring) => {
    kept?.remove();
    keptRing = ring ? [...ring] : null;
    kept = ring ? L.layerGroup(strong(ring, shape)).addTo(map) : null;
  };

  const start = () => {
    keep(null);
    corners = [];
    pointer = null;
    stage.drawing = { click };
    container.classList.add("icm-drawing");
    map.doubleClickZoom.disable();
    box.hidden = cross.hidden = false;
    warn("");
    show();
    stage.hover(null);
    stage.emit("drawing", true);
    container.focus({ preventScroll: true });
  };
  const stop = () => {
    marks?.remove();
    marks = null;
    corners = [];
    container.classList.remove("icm-drawing");
    box.hidden = cross.hidden = true;
    // The second click of a double click is no question about a point.
    const over = { click: () => {} };
    stage.drawing = over;
    setTimeout(() => {
      if (stage.drawing !== over) return;
      stage.drawing = null;
      map.doubleClickZoom.enable();
    }, 350);
    stage.hover(null);
    stage.emit("drawing", false);
    container.focus({ preventScroll: true });
  };

  const click = (event) => {
    pointer = null;
    if (corners.length > 2 && near(event, corners[0])) close();
    else if (!near({ ...event, originalEvent: null }, corners[corners.length - 1])) add(event.latlng);
  };
  const active = () => Boolean(marks);

  map.on("dblclick", (event) => {
    if (!active()) return;
    L.DomEvent.stop(event);
    close();
  });
  map.on("mousemove", (event) => {
    if (!active() || event.originalEvent.target.closest?.(".icm-panel")) return;
    pointer = rounded(event.latlng);
    cross.classList.remove("icm-cross-used");
    show();
  });
  map.on("mouseout", () => {
    if (!active()) return;
    pointer = null;
    show();
  });
  map.on("move", () => {
    // Moved by keys, the line follows the cross.
    if (!active() || !cross.classList.contains("icm-cross-used")) return;
    pointer = rounded(map.getCenter());
    show();
  });

  const keys = { " ": () => add(map.getCenter()), Enter: () => close(), Backspace: () => undo(), Escape: () => stop() };
  container.addEventListener("keydown", (event) => {
    if (!active()) return;
    const onMap = event.target === container;
    if (onMap && /^(Arrow| )/.test(event.key)) {
      cross.classList.add("icm-cross-used");
      pointer = rounded(map.getCenter());
    }
    // On a button, Enter and Space press it.
    if (!keys[event.key] || (!onMap && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    keys[event.key]();
  }, { capture: true });

  stage.on("draw", () => (active() ? stop() : stage.style && start()));
  stage.on("scene", () => {
    if (stage.scene.drawn === false) keep(null);
    else if (keptRing) keep(keptRing);
    if (active()) show();
  });
  /** For tests and for readers of the screen. */
  stage.drawn = () => ({ active: active(), corners: corners.map(({ lat, lng }) => [lat, lng]), kept: keptRing && keptRing.map(({ lat, lng }) => [lat, lng]), warning: warning.textContent });
});
