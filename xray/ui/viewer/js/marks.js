// Boxes, and marks of the user (rectangles, ellipses and brush strokes), in source pixels.

const BRUSH = 12; // radius in screen pixels at the start of a stroke

function newMark(kind, point, factor) {
  const place = [point.x, point.y];
  return kind === "brush" ? { kind, points: [place], radius: BRUSH / factor } : { kind, points: [place, place] };
}

function extend(mark, point) {
  if (mark.kind === "brush") mark.points.push([point.x, point.y]);
  else mark.points[1] = [point.x, point.y];
}

// Clip a mark to the film and sort its corners; null if it is empty. A stroke may be a dot.
function finished(mark, film) {
  const points = mark.points.map(([x, y]) => [Math.min(film.width, Math.max(0, x)), Math.min(film.height, Math.max(0, y))]);
  if (mark.kind === "brush") return { ...mark, points };
  const [x, y] = [0, 1].map((axis) => points.map((point) => point[axis]));
  const [left, top, right, bottom] = [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
  return right - left < 1 || bottom - top < 1 ? null : { ...mark, points: [[left, top], [right, bottom]] };
}

function outline(mark) {
  const path = new Path2D(), [[x0, y0], [x1, y1]] = [mark.points[0], mark.points.at(-1)];
  if (mark.kind === "rectangle") path.rect(x0, y0, x1 - x0, y1 - y0);
  else if (mark.kind === "ellipse") path.ellipse((x0 + x1) / 2, (y0 + y1) / 2, Math.abs(x1 - x0) / 2, Math.abs(y1 - y0) / 2, 0, 0, 2 * Math.PI);
  else {
    path.moveTo(x0, y0);
    for (const [x, y] of mark.points) path.lineTo(x, y);
  }
  return path;
}

function drawMark(context, mark, factor, color) {
  context.save();
  context.strokeStyle = color;
  if (mark.kind === "brush") {
    Object.assign(context, { globalAlpha: 0.45, lineWidth: 2 * mark.radius, lineCap: "round", lineJoin: "round" });
  } else context.lineWidth = 2 / factor;
  context.stroke(outline(mark));
  context.restore();
}

// A closed polygon of points [x, y].
function drawOutline(context, polygon, factor, color) {
  const path = new Path2D();
  for (const [x, y] of polygon) path.lineTo(x, y);
  path.closePath();
  context.save();
  Object.assign(context, { strokeStyle: color, lineWidth: 2 / factor, lineJoin: "round" });
  context.stroke(path);
  context.restore();
}

// {box: [left, top, right, bottom], label, kind: "found" | "near" | "truth" | "mark" | "peak"}; a peak is a cross.
function drawBox(context, { box: [left, top, right, bottom], kind }, factor, colors) {
  if (kind === "peak") return drawCross(context, (left + right) / 2, (top + bottom) / 2, factor);
  context.save();
  context.strokeStyle = colors[kind] ?? colors.found;
  context.lineWidth = (kind === "near" ? 1 : 2) / factor;
  if (kind === "near" || kind === "truth") context.setLineDash([6 / factor, 4 / factor]);
  context.strokeRect(left, top, right - left, bottom - top);
  context.restore();
}

function drawCross(context, x, y, factor) {
  const arm = 9 / factor, path = new Path2D();
  for (const [across, down] of [[arm, 0], [0, arm]]) {
    path.moveTo(x - across, y - down);
    path.lineTo(x + across, y + down);
  }
  context.save();
  for (const [color, width] of [["#000", 5], ["#fff", 2]]) {
    Object.assign(context, { strokeStyle: color, lineWidth: width / factor });
    context.stroke(path);
  }
  context.restore();
}

// Labels are upright on the screen for any rotation of the film.
function drawLabel(context, { box: [left, top, right, bottom], label, kind }, matrix, colors) {
  if (!label) return;
  const corners = [[left, top], [right, bottom]].map(([x, y]) => moved(matrix, { x, y }));
  const x = Math.min(corners[0].x, corners[1].x), y = Math.min(corners[0].y, corners[1].y);
  const width = context.measureText(label).width + 8, above = y > 18 ? y - 18 : y;
  context.fillStyle = "rgba(8, 10, 13, 0.75)";
  context.fillRect(x, above, width, 17);
  context.fillStyle = colors[kind] ?? colors.found;
  context.fillText(label, x + 4, above + 13);
}
