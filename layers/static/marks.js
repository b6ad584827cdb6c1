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
