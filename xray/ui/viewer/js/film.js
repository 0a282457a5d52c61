// Samples of a film, its image pyramid, and the visible part after windowing.

const KEPT_FILMS = 6;
const films = new Map(); // by URL; a rerun or another page loads the same film again

class Film {
  constructor(values, width, height, top) {
    this.levels = [{ values, width, height }];
    this.top = top; // sample value of white
  }

  static load({ url, width, height, bits }) {
    if (!films.has(url)) {
      const loading = fetch(url).then(async (response) => {
        if (!response.ok) throw new Error(`The film could not be fetched (${response.status}).`);
        const buffer = await response.arrayBuffer();
        const values = bits > 8 ? new Uint16Array(buffer) : new Uint8Array(buffer);
        return new Film(values, width, height, bits > 8 ? 65535 : 255);
      });
      loading.catch(() => films.delete(url));
      films.set(url, loading);
      if (films.size > KEPT_FILMS) films.delete(films.keys().next().value);
    }
    return films.get(url);
  }

  get width() { return this.levels[0].width; }
  get height() { return this.levels[0].height; }

  // The value in [0, 1] at a point in source pixels, or null outside the film.
  at(x, y) {
    const column = Math.floor(x), row = Math.floor(y);
    if (column < 0 || row < 0 || column >= this.width || row >= this.height) return null;
    return this.levels[0].values[row * this.width + column] / this.top;
  }

  // Level n of the pyramid: 2^n source pixels per pixel, each the mean of four pixels of level n - 1.
  level(n) {
    while (this.levels.length <= n) this.levels.push(halved(this.levels.at(-1)));
    return this.levels[n];
  }

  // The window that leaves 1% of the samples black and 1% white.
  automatic() {
    const { values } = this.level(Math.max(0, Math.ceil(Math.log2(Math.max(this.width, this.height) / 512))));
    const sorted = values.slice().sort();
    const [low, high] = [0.01, 0.99].map((share) => sorted[Math.floor(share * (sorted.length - 1))] / this.top);
    return { center: (low + high) / 2, width: Math.max(0.02, high - low) };
  }
}

function halved({ values, width, height }) {
  const w = Math.max(1, Math.ceil(width / 2)), h = Math.max(1, Math.ceil(height / 2));
  const half = new values.constructor(w * h);
  for (let row = 0; row < h; row++) {
    const above = 2 * row * width, below = Math.min(2 * row + 1, height - 1) * width;
    for (let column = 0; column < w; column++) {
      const left = 2 * column, right = Math.min(left + 1, width - 1);
      const sum = values[above + left] + values[above + right] + values[below + left] + values[below + right];
      half[row * w + column] = (sum + 2) >> 2;
    }
  }
  return { values: half, width: w, height: h };
}

// Lookup table from samples to RGBA pixels (uint32).
function grays(top, { center, width, invert }) {
  const table = new Uint32Array(top + 1);
  for (let value = 0; value <= top; value++) {
    const share = Math.min(1, Math.max(0, (value / top - center) / Math.max(width, 1e-6) + 0.5));
    const gray = Math.round(255 * (invert ? 1 - share : share));
    table[value] = 0xff000000 | (gray << 16) | (gray << 8) | gray;
  }
  return table;
}

const MARGIN = 0.25; // share of the visible part rendered beyond it, so that a drag does not render at every step

// The visible part of a film after windowing, at about screen resolution; rendered only when it changes.
class Tile {
  constructor(film) {
    this.film = film;
    this.canvas = document.createElement("canvas");
    this.drawn = "";
    this.area = { left: 0, top: 0, right: 0, bottom: 0 };
  }

  // seen: visible {left, top, right, bottom} in source pixels. zoom: screen pixels per source pixel.
  draw(context, seen, zoom, shown) {
    const n = Math.max(0, Math.round(Math.log2(1 / zoom)));
    const level = this.film.level(n), side = 2 ** n, inside = within(seen, level, side, 0);
    if (inside.right <= inside.left || inside.bottom <= inside.top) return;
    const wanted = [n, shown.center, shown.width, shown.invert].join();
    if (wanted !== this.drawn || !contains(this.area, inside)) {
      this.drawn = wanted;
      this.area = within(seen, level, side, MARGIN);
      this.paint(level, grays(this.film.top, shown));
    }
    const { left, top } = this.area;
    context.imageSmoothingEnabled = zoom < 4;
    context.drawImage(this.canvas, left * side, top * side, this.canvas.width * side, this.canvas.height * side);
  }

  paint({ values, width }, table) {
    const { left, top, right, bottom } = this.area;
    this.canvas.width = right - left;
    this.canvas.height = bottom - top;
    const picture = new ImageData(right - left, bottom - top), pixels = new Uint32Array(picture.data.buffer);
    for (let row = top, place = 0; row < bottom; row++) {
      for (let from = row * width + left, to = row * width + right; from < to; from++) pixels[place++] = table[values[from]];
    }
    this.canvas.getContext("2d").putImageData(picture, 0, 0);
  }
}

// Convert source pixels to whole pixels of a level, with a margin, clipped to the film.
function within({ left, top, right, bottom }, { width, height }, side, margin) {
  const x = margin * (right - left), y = margin * (bottom - top);
  return {
    left: Math.max(0, Math.floor((left - x) / side)),
    top: Math.max(0, Math.floor((top - y) / side)),
    right: Math.min(width, Math.ceil((right + x) / side)),
    bottom: Math.min(height, Math.ceil((bottom + y) / side)),
  };
}

function contains(area, inside) {
  return area.left <= inside.left && area.top <= inside.top && area.right >= inside.right && area.bottom >= inside.bottom;
}
