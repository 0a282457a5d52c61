// Boxes, and marks of the user (rectangles, ellipses and brush strokes), in source pixels.

const LABEL = 17; // height of a label in screen pixels
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
function drawBox(context, { box: [left, top, right, bottom], kind, chosen }, factor, colors) {
  if (kind === "peak") return drawCross(context, (left + right) / 2, (top + bottom) / 2, factor);
  context.save();
  context.strokeStyle = colors[kind] ?? colors.found;
  context.lineWidth = (kind === "near" ? 1 : chosen ? 4 : 2) / factor;
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

// Labels of boxes, upright on the screen for any rotation of the film; no label covers another.
function drawLabels(context, boxes, matrix, colors, area) {
  const placed = [];
  for (const { box: [left, top, right, bottom], label, kind } of boxes) {
    if (!label) continue;
    const [one, other] = [[left, top], [right, bottom]].map(([x, y]) => moved(matrix, { x, y }));
    const size = { width: context.measureText(label).width + 8, height: LABEL };
    const x = Math.max(0, Math.min(one.x, other.x, area.width - size.width)), y = Math.min(one.y, other.y), low = Math.max(one.y, other.y);
    const place = freePlace({ x, ...size }, y >= LABEL + 1 ? y - LABEL - 1 : y, low, placed, area.height);
    placed.push(place);
    context.fillStyle = "rgba(8, 10, 13, 0.75)";
    context.fillRect(place.x, place.y, place.width, place.height);
    context.fillStyle = colors[kind] ?? colors.found;
    context.fillText(label, place.x + 4, place.y + 13);
  }
}

// The first free place for a label: above its box, below it, then further down in steps.
function freePlace(label, above, below, placed, height) {
  const free = (y) => placed.every((other) => y + label.height <= other.y || y >= other.y + other.height || label.x + label.width <= other.x || label.x >= other.x + other.width);
  const steps = [above, below];
  for (let y = above; y + label.height < height; y += label.height) steps.push(y);
  for (let y = above; y > 0; y -= label.height) steps.push(y);
  return { ...label, y: steps.find((y) => y >= 0 && y + label.height <= height && free(y)) ?? above };
}

// points: both ends of the ruler in source pixels.
function drawRuler(context, points, text, matrix, color) {
  const [from, to] = points.map((point) => moved(matrix, point));
  context.save();
  for (const [style, width] of [["#000", 4], [color, 2]]) {
    Object.assign(context, { strokeStyle: style, lineWidth: width });
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }
  Object.assign(context, { fillStyle: "rgba(8, 10, 13, 0.75)", font: "12px sans-serif" });
  context.fillRect(to.x + 8, to.y - 9, context.measureText(text).width + 8, LABEL);
  context.fillStyle = color;
  context.fillText(text, to.x + 12, to.y + 4);
  context.restore();
}
