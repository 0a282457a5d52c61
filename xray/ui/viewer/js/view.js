// Position of the film on the screen: center, zoom, quarter turns and mirroring.

class View {
  constructor() {
    this.turns = 0;
    this.mirrored = false;
    this.zoom = 1; // relative to the whole film in view
    this.x = this.y = 0.5; // point at the center of the screen, as shares of the film
  }

  reset() {
    Object.assign(this, new View());
  }

  // Screen pixels per source pixel.
  factor(film, width, height) {
    const sides = this.turns % 2 ? [film.height, film.width] : [film.width, film.height];
    return this.zoom * Math.min(width / sides[0], height / sides[1]);
  }

  // Transform from source pixels to screen pixels.
  matrix(film, width, height) {
    const factor = this.factor(film, width, height);
    return new DOMMatrix()
      .translate(width / 2, height / 2)
      .rotate(90 * this.turns)
      .scale(factor * (this.mirrored ? -1 : 1), factor)
      .translate(-this.x * film.width, -this.y * film.height);
  }

  // Zoom by a factor around a point of the screen.
  zoomAt(film, width, height, point, by) {
    const before = moved(this.matrix(film, width, height).inverse(), point);
    this.zoom = Math.min(64, Math.max(0.25, this.zoom * by));
    const after = moved(this.matrix(film, width, height).inverse(), point);
    this.pan(film, before.x - after.x, before.y - after.y);
  }

  // Pan by source pixels; the center of the screen stays on the film.
  pan(film, x, y) {
    this.x = Math.min(1, Math.max(0, this.x + x / film.width));
    this.y = Math.min(1, Math.max(0, this.y + y / film.height));
  }
}

function moved(matrix, { x, y }) {
  const { a, b, c, d, e, f } = matrix;
  return { x: a * x + c * y + e, y: b * x + d * y + f };
}

// The visible part of the film in source pixels.
function inSight(matrix, width, height) {
  const back = matrix.inverse();
  const corners = [[0, 0], [width, 0], [0, height], [width, height]].map(([x, y]) => moved(back, { x, y }));
  const [x, y] = ["x", "y"].map((axis) => corners.map((corner) => corner[axis]));
  return { left: Math.min(...x), top: Math.min(...y), right: Math.max(...x), bottom: Math.max(...y) };
}

// The longest length of 1, 2 or 5 times a power of ten, in mm, that fits into `most` screen pixels.
function scaleBar(millimetersPerPixel, most) {
  const longest = most * millimetersPerPixel, power = 10 ** Math.floor(Math.log10(longest));
  const length = [5, 2, 1].find((factor) => factor * power <= longest) * power;
  return { pixels: length / millimetersPerPixel, label: length >= 10 ? `${length / 10} cm` : `${length} mm` };
}

// The distance between two points in source pixels, in mm if the spacing [row, column] in mm is known.
function distance([from, to], spacing) {
  const [down, across] = spacing ?? [1, 1];
  const length = Math.hypot((to.x - from.x) * across, (to.y - from.y) * down);
  return `${length.toFixed(1)} ${spacing ? "mm" : "px"}`;
}
