/* Labels: clusters first, then towns by size; a label that would touch another is left out. */
"use strict";

ICM.LabelCanvas = L.Layer.extend({
  onAdd(map) {
    this.canvas = ICM.el("canvas", { class: "icm-labels" });
    map.getPane("labels").append(this.canvas);
    map.on("zoomstart", this.hide, this);
  },
  onRemove(map) {
    this.canvas.remove();
    map.off("zoomstart", this.hide, this);
  },
  hide() {
    this.canvas.style.visibility = "hidden";
  },
  /** Clear, stand over the visible map, and return a pen in its pixels. */
  pen(map) {
    const size = map.getSize();
    const ratio = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
    Object.assign(this.canvas, { width: size.x * ratio, height: size.y * ratio });
    Object.assign(this.canvas.style, { width: `${size.x}px`, height: `${size.y}px`, visibility: "visible" });
    const pen = this.canvas.getContext("2d");
    pen.scale(ratio, ratio);
    return pen;
  },
});

ICM.painters.labels = (stage) => {
  const canvas = new ICM.LabelCanvas();
  const family = "'Source Sans 3', 'Source Sans Pro', 'Helvetica Neue', Arial, sans-serif";
  let towns = null;
  let placed = [];
  let stands = [];

  const fontOf = (label) => `${label.bold ? "600 " : label.town ? "italic " : ""}${label.small ? 11 : label.bold ? 12.5 : label.major ? 13 : 11.5}px ${family}`;
  const overlaps = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

  /** Boxes worth trying, best first: beside the mark, then above and below; a town stands over its point. */
  const boxes = (x, y, width, height, reach) => {
    const at = (left, top, align = "left") => ({ left, top, right: left + width, bottom: top + height, align });
    if (!reach) return [at(x - width / 2, y - height / 2), at(x - width / 2, y - height - 3), at(x - width / 2, y + 3)];
    return [
      at(x + reach, y - height / 2), at(x - reach - width, y - height / 2, "right"),
      at(x - width / 2, y - reach - height, "center"), at(x - width / 2, y + reach, "center"),
      at(x + reach * 0.7, y + reach * 0.5), at(x - reach * 0.7 - width, y - reach * 0.5 - height, "right"),
    ];
  };

  const townLabels = () => {
    const zoom = stage.level();
    const least = zoom < 6.5 ? 200000 : zoom < 7.5 ? 90000 : zoom < 8.5 ? 45000 : zoom < 9.5 ? 20000 : zoom < 10.5 ? 8000 : 0;
    return (towns?.rows || []).filter((row) => row[3] >= least)
      .map(([name, lat, lon, people]) => ({ text: [name], lat, lon, weight: people, town: true, major: people > 250000, reach: 0 }));
  };

  const covered = () => {
    const frame = stage.map.getContainer().getBoundingClientRect();
    return [...stage.map.getContainer().querySelectorAll(`.icm-legend, .icm-card, .icm-hint, .icm-search, .icm-tools${stage.panel ? ", .leaflet-control-scale" : ""}`)].map((element) => {
      const box = element.getBoundingClientRect();
      return { left: box.left - frame.left, right: box.right - frame.left, top: box.top - frame.top, bottom: box.bottom - frame.top };
    });
  };

  const draw = () => {
    if (!stage.shown.has("labels") || !stage.style || !towns) return;
    const pen = canvas.pen(stage.map);
    const size = stage.map.getSize();
    const others = ICM.LAYERS.filter(([kind]) => stage.shown.has(kind)).flatMap(([kind]) => stage.painters[kind].labels?.() || []);
    // Beside other maps a place names what is its own; towns say where it lies.
    const own = stage.holds ? others.filter((label) => stage.holds(label)) : others;
    const candidates = [...own, ...townLabels()].sort((a, b) => b.weight - a.weight);
    const taken = covered();
    const discs = others.filter((label) => label.bold && label.reach && !label.near).map((label) => {
      const { x, y } = stage.map.latLngToContainerPoint([label.lat, label.lon]);
      const reach = label.reach - 3;
      return { owner: label, left: x - reach, right: x + reach, top: y - reach, bottom: y + reach };
    });
    placed = [];
    stands = [];
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    for (const label of candidates) {
      const { x, y } = stage.map.latLngToContainerPoint([label.lat, label.lon]);
      if (x < 0 || y < 0 || x > size.x || y > size.y) continue;
      pen.font = fontOf(label);
      const width = Math.max(...label.text.map((line) => pen.measureText(line).width)) + 2;
      const height = label.text.length * 14 + 1;
      const fits = (box) => box.left > 2 && box.right < size.x - 2 && box.top > 2 && box.bottom < size.y - 2
        && !taken.some((other) => overlaps(box, other)) && !discs.some((disc) => disc.owner !== label && overlaps(box, disc));
      const box = boxes(x, y, width, height, label.reach).find(fits);
      if (!box) continue;
      taken.push({ left: box.left - 3, right: box.right + 3, top: box.top - 1, bottom: box.bottom + 1 });
      placed.push(label.text.join(", "));
      stands.push(box);
      write(pen, label, box);
    }
  };

  const write = (pen, label, box) => {
    pen.font = fontOf(label);
    pen.textAlign = box.align;
    const x = { left: box.left + 1, center: (box.left + box.right) / 2, right: box.right - 1 }[box.align];
    pen.strokeStyle = stage.colour("halo");
    pen.globalAlpha = label.town ? 0.95 : 1;
    pen.lineWidth = 3.2;
    pen.fillStyle = label.town ? stage.colour("muted") : stage.colour("ink");
    label.text.forEach((line, index) => {
      const y = box.top + 7.5 + index * 14;
      pen.strokeText(line, x, y);
      pen.fillText(line, x, y);
    });
    pen.globalAlpha = 1;
  };

  const soon = ICM.debounce(draw, 60);
  stage.on("painted", soon);
  stage.on("moved", soon);
  stage.on("scene", soon);

  return {
    async show(config) {
      towns = await stage.load(config.url);
      if (!towns) return;
      canvas.addTo(stage.map);
      draw();
    },
    hide() {
      canvas.remove();
      placed = [];
    },
    drawn: () => placed,
    boxes: () => stands,
  };
};
