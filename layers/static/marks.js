/* Marks: small shapes on canvas that tell kinds apart without colour. */
"use strict";

ICM.corners = (count, turn = -Math.PI / 2, inner = 1) =>
  Array.from({ length: count }, (_, index) => {
    const reach = index % 2 ? inner : 1;
    const angle = turn + (index * 2 * Math.PI) / count;
    return [Math.cos(angle) * reach, Math.sin(angle) * reach];
  });

ICM.shapes = {
  square: ICM.corners(4, -Math.PI / 4),
  diamond: ICM.corners(4),
  triangle: ICM.corners(3),
  pentagon: ICM.corners(5),
  star: ICM.corners(10, -Math.PI / 2, 0.45),
  cross: [[-1, -0.35], [-0.35, -0.35], [-0.35, -1], [0.35, -1], [0.35, -0.35], [1, -0.35], [1, 0.35], [0.35, 0.35], [0.35, 1], [-0.35, 1], [-0.35, 0.35], [-1, 0.35]],
};

ICM.trace = (pen, mark, x, y, radius) => {
  pen.beginPath();
  if (mark === "half-left") pen.arc(x, y, radius, Math.PI / 2, -Math.PI / 2);
  else if (mark === "half-right") pen.arc(x, y, radius, -Math.PI / 2, Math.PI / 2);
  else if (ICM.shapes[mark]) ICM.shapes[mark].forEach(([dx, dy], index) => pen[index ? "lineTo" : "moveTo"](x + dx * radius, y + dy * radius));
  else pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.closePath();
};

L.Canvas.include({
  _updateMark(layer) {
    if (!this._drawing || layer._empty()) return;
    ICM.trace(this._ctx, layer.options.mark, layer._point.x, layer._point.y, layer._radius);
    this._fillStroke(this._ctx, layer);
  },
});

ICM.Mark = L.CircleMarker.extend({
  _updatePath() {
    this._renderer._updateMark(this);
  },
});

/** Many dots as one layer: a thousand Leaflet layers would cost more to add than to draw. */
ICM.Dots = L.Path.extend({
  initialize(rows, options) {
    L.setOptions(this, options);
    this._rows = rows;
  },
  _project() {
    this._points = this._rows.map((row) => this._map.latLngToLayerPoint([row.lat, row.lon]));
    const reach = L.point(30, 30);
    const bounds = L.bounds(this._points);
    this._pxBounds = this._points.length ? L.bounds(bounds.min.subtract(reach), bounds.max.add(reach)) : L.bounds([0, 0], [0, 0]);
  },
  _update() {
    if (this._map) this._updatePath();
  },
  _updatePath() {
    this._renderer._updateDots(this);
  },
  _empty() {
    return !this._rows.length;
  },
  _containsPoint: () => false,
});

L.Canvas.include({
  _updateDots(layer) {
    if (!this._drawing || layer._empty()) return;
    const pen = this._ctx;
    const { radius, opacity, fillColor, color, weight } = layer.options;
    pen.fillStyle = fillColor;
    pen.strokeStyle = color;
    pen.lineWidth = weight;
    layer._points.forEach(({ x, y }, index) => {
      const row = layer._rows[index];
      pen.beginPath();
      pen.arc(x, y, radius(row), 0, 2 * Math.PI);
      pen.globalAlpha = opacity(row);
      pen.fill();
      pen.globalAlpha = 1;
      pen.stroke();
    });
  },
});
