/* The legend: what the marks mean; each layer's name is a switch, each sector's entry a filter. */
"use strict";

/** Kind and name of each layer that can be switched, in the order of the legend (see layers/scripts.py). */
ICM.LAYERS = "LAYERS";

ICM.key = (entry, stage) => {
  // A key is as large as its mark on the map: a reader compares the two.
  const reach = Math.ceil(Math.max(entry.ring || 0, entry.dot || 0)) + 2;
  const [width, height] = [Math.max(28, 2 * reach), Math.max(18, 2 * reach)];
  const canvas = ICM.el("canvas", { class: "icm-key", width: 2 * width, height: 2 * height, style: `width:${width}px;height:${height}px`, "aria-hidden": "true" });
  const pen = canvas.getContext("2d");
  pen.scale(2, 2);
  const [x, y] = [width / 2, height / 2];
  const paint = entry.colour || stage.colour("ink");
  if (entry.swatch || entry.hatch) {
    pen.fillStyle = entry.swatch || stage.colour("land");
    pen.fillRect(3, 2, 22, 14);
    pen.strokeStyle = stage.colour("hatch");
    if (entry.hatch) {
      pen.save();
      pen.beginPath();
      pen.rect(3, 2, 22, 14);
      pen.clip();
      for (let start = -10; start < 26; start += 5) {
        pen.beginPath();
        pen.moveTo(start, 16);
        pen.lineTo(start + 14, 2);
        pen.stroke();
      }
      pen.restore();
    }
    pen.strokeStyle = stage.colour("panel_border");
    pen.strokeRect(3, 2, 22, 14);
    return canvas;
  }
  pen.lineWidth = 1.5;
  pen.strokeStyle = pen.fillStyle = paint;
  if (entry.disc) {
    pen.fillStyle = pen.strokeStyle = entry.disc;
    pen.globalAlpha = 0.28;
    ICM.trace(pen, "circle", x, y, 7.5);
    pen.fill();
    pen.globalAlpha = 1;
    pen.stroke();
    ICM.trace(pen, "circle", x, y, 4.5);
    pen.fill();
  } else if (entry.dash) {
    pen.setLineDash([4, 3]);
    pen.strokeRect(4, 3, 20, 12);
  } else if (entry.half) {
    pen.fillStyle = stage.colour("award");
    ICM.trace(pen, "half-left", x, y, 7);
    pen.fill();
    pen.fillStyle = stage.colour("private");
    ICM.trace(pen, "half-right", x, y, 7);
    pen.fill();
  } else if (entry.outline) {
    ICM.trace(pen, entry.outline, x, y, 6);
    pen.globalAlpha = entry.hollow ? 0.06 : 0.28;
    pen.fill();
    pen.globalAlpha = 1;
    pen.stroke();
  } else if (entry.mark) {
    ICM.trace(pen, entry.mark, x, y, 6);
    pen.fill();
  } else if (entry.ring) {
    ICM.trace(pen, "circle", x, y, entry.ring);
    pen.globalAlpha = 0.35;
    if (entry.fill) pen.fill();
    pen.globalAlpha = 1;
    pen.setLineDash(entry.dotted ? [2, 2] : []);
    pen.stroke();
  } else if (entry.dot) {
    ICM.trace(pen, "circle", x, y, entry.dot);
    pen.globalAlpha = entry.faint ? 0.45 : 0.85;
    pen.fill();
  }
  return canvas;
};

/** The legend of a stage. Beside other maps it says what the marks mean, and switches nothing. */
ICM.legend = (stage) => {
  const list = ICM.el("div", { class: "icm-legend-body" });
  const box = ICM.el("details", { class: "icm-legend icm-panel", open: window.innerWidth > 700 && (!stage.embed || window.innerHeight > 430) }, ICM.el("summary", {}, "Legend"), list);
  // Beside other maps, and in a page of someone else, it switches nothing.
  const still = Boolean(stage.panel || (stage.embed && !stage.embed.switches));
  const has = (kind) => (still ? stage.shown.has(kind) && stage.painters[kind].legend : !stage.embed || stage.embed.kinds.includes(kind));
  const layers = () => ICM.LAYERS.filter(([kind]) => has(kind));

  const entryRow = (entry) => {
    if (entry.small) return ICM.el("p", { class: "icm-note" }, entry.text);
    const content = [ICM.key(entry, stage), entry.symbol ? ICM.el("b", { class: "icm-symbol" }, entry.symbol) : null, ICM.el("span", {}, entry.text)];
    if (!entry.press || stage.panel || stage.embed) return ICM.el("div", { class: "icm-entry" }, content);
    const on = (stage.scene.sectors || []).includes(entry.press.id);
    return ICM.el("button", { type: "button", class: "icm-entry", "aria-pressed": String(on), title: on ? "Show all sectors again" : "Show this sector only", onclick: () => ICM.tell(entry.press) }, content);
  };

  const section = (kind, name, on, legend) => {
    const toggle = ICM.el("button", { type: "button", class: "icm-switch", "aria-pressed": String(on), title: on ? `Hide ${name.toLowerCase()}` : `Show ${name.toLowerCase()}`, onclick: () => ICM.tell({ kind: "layer", id: kind }) },
      ICM.el("span", { class: "icm-tick", "aria-hidden": "true" }, on ? "✓" : ""), ICM.el("span", {}, legend?.title || name));
    const rows = (legend?.entries || []).map(entryRow);
    const title = still ? ICM.el("h3", {}, legend?.title || name) : toggle;
    const note = legend?.note ? ICM.el("p", { class: "icm-note" }, legend.note) : null;
    const head = ICM.el("div", { class: "icm-section-head", title: legend?.hint || "" }, title);
    return ICM.el("section", { class: "icm-section" }, head, rows, note);
  };

  /** Sections by layer, each with what it says: most say the same after a move, and are not made anew. */
  const made = new Map();
  const sectionOf = ([kind, name]) => {
    const on = stage.shown.has(kind);
    const legend = on ? stage.painters[kind].legend?.() : null;
    const says = JSON.stringify([stage.theme, stage.scene.sectors, on, legend]);
    if (made.get(kind)?.says !== says) made.set(kind, { says, element: section(kind, name, on, legend) });
    return made.get(kind).element;
  };

  const draw = ICM.debounce(() => {
    if (!stage.style) return;
    const sections = layers().map(sectionOf);
    if (sections.length === list.children.length && sections.every((element, index) => element === list.children[index])) return;
    const focused = list.contains(document.activeElement) ? document.activeElement.textContent : null;
    list.replaceChildren(...sections);
    if (focused) [...list.querySelectorAll("button")].find((button) => button.textContent === focused)?.focus();
  }, 10);
  stage.on("painted", draw);
  stage.on("scene", draw);
  stage.on("moved", draw);
  return box;
};

ICM.parts.push((stage) => {
  if (stage.panel) return;
  const box = ICM.legend(stage);
  stage.map.getContainer().append(box);
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
});
