// One frame: film, heatmap, boxes and marks, the swipe line, the magnifier, the scale bar.

const LENS = { radius: 90, zoom: 3 };

function frame(viewer) {
  const { context, film, view, width, height } = viewer;
  context.setTransform(viewer.ratio, 0, 0, viewer.ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const matrix = view.matrix(film, width, height);
  scene(viewer, matrix, { left: 0, top: 0, width, height });
  if (viewer.modes.swipe) {
    context.fillStyle = viewer.colors.found;
    context.fillRect(viewer.line - 1, 0, 2, height);
    context.fillRect(viewer.line - 5, height / 2 - 18, 10, 36);
  }
  if (viewer.modes.lens && viewer.pointer) lens(viewer, matrix);
  if (viewer.cross) drawCross(context, viewer.cross.x, viewer.cross.y, 1);
  if (viewer.data.spacing) bar(viewer);
}

// area: the part of the canvas to render, in screen pixels.
function scene(viewer, matrix, area) {
  const { context, film, heat, modes } = viewer;
  const factor = Math.hypot(matrix.a, matrix.b);
  const seen = inSight(new DOMMatrix().translate(-area.left, -area.top).multiply(matrix), area.width, area.height);
  context.save();
  const { a, b, c, d, e, f } = matrix;
  context.transform(a, b, c, d, e, f);
  viewer.tileFor(area).draw(context, seen, factor * viewer.ratio, viewer.shown);
  if (heat && modes.heat) {
    context.save();
    if (modes.swipe) clipRightOf(viewer, matrix);
    heat.draw(context, viewer.shown, viewer.colormap());
    context.restore();
  }
  if (heat && modes.heat) for (const polygon of viewer.data.contours) drawOutline(context, polygon, factor, viewer.colors.near);
  if (modes.lungs) for (const polygon of viewer.data.outlines) drawOutline(context, polygon, factor, viewer.colors.lungs);
  for (const box of viewer.data.boxes) drawBox(context, box, factor, viewer.colors);
  for (const mark of [...viewer.marks, ...(viewer.marking ? [viewer.marking] : [])]) {
    drawMark(context, mark, factor, viewer.colors.mark);
  }
  context.restore();
  context.font = "12px sans-serif";
  drawLabels(context, viewer.data.boxes, matrix, viewer.colors, viewer);
  if (viewer.ruler) drawRuler(context, viewer.ruler, distance(viewer.ruler, viewer.data.spacing), matrix, viewer.colors.mark);
}

// Clip to the right of the swipe line; the path is in source pixels.
function clipRightOf({ context, line, width, height }, matrix) {
  const back = matrix.inverse(), path = new Path2D();
  const corners = [[line, 0], [width, 0], [width, height], [line, height]].map(([x, y]) => moved(back, { x, y }));
  for (const [place, { x, y }] of corners.entries()) place ? path.lineTo(x, y) : path.moveTo(x, y);
  context.clip(path);
}

function lens(viewer, matrix) {
  const { context, pointer: { x, y } } = viewer, { radius, zoom } = LENS;
  context.save();
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.save();
  context.clip();
  context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
  const nearer = new DOMMatrix().translate(x, y).scale(zoom).translate(-x, -y).multiply(matrix);
  scene(viewer, nearer, { left: x - radius, top: y - radius, width: 2 * radius, height: 2 * radius });
  context.restore();
  context.strokeStyle = viewer.colors.found;
  context.lineWidth = 1.5;
  context.stroke();
  context.restore();
}

function bar({ context, film, view, width, height, data }) {
  const spacing = data.spacing[view.turns % 2 ? 0 : 1]; // [row, column]
  const { pixels, label } = scaleBar(spacing / view.factor(film, width, height), width / 4);
  context.save();
  Object.assign(context, { fillStyle: "#fff", strokeStyle: "#000", lineWidth: 3, font: "12px sans-serif", textAlign: "right" });
  context.strokeText(label, width - 14, height - 18);
  context.fillText(label, width - 14, height - 18);
  context.fillRect(width - 14 - pixels, height - 12, pixels, 3);
  context.restore();
}
