// Raw values of a map over the film: bilinear interpolation, colored by a given scale.

const HEAT_SIDE = 512; // pixels of the longer side of the rendered map, which the browser scales
const COLD = [0.36 * 255, 0.66 * 255, 255]; // negative evidence
const MUTED = 0.35;

class Heat {
  // map: {values: base64 of float32, height, width, toSource: [xx, xy, x0, yx, yy, y0], scale, ownScale, ...}
  constructor(map, film) {
    this.map = map;
    this.values = new Float32Array(Uint8Array.from(atob(map.values), (character) => character.charCodeAt(0)).buffer);
    const [xx, xy, x0, yx, yy, y0] = map.toSource;
    this.toMap = new DOMMatrix([xx, yx, xy, yy, x0, y0]).inverse();
    const factor = Math.min(1, HEAT_SIDE / Math.max(film.width, film.height));
    this.canvas = document.createElement("canvas");
    this.canvas.width = Math.max(1, Math.round(film.width * factor));
    this.canvas.height = Math.max(1, Math.round(film.height * factor));
    this.film = film;
    this.drawn = "";
  }

  // The raw value at a point in source pixels.
  at(x, y) {
    const { a, b, c, d, e, f } = this.toMap, { width, height } = this.map;
    const column = Math.min(width - 1, Math.max(0, a * x + c * y + e - 0.5));
    const row = Math.min(height - 1, Math.max(0, b * x + d * y + f - 0.5));
    const left = Math.floor(column), top = Math.floor(row);
    const right = Math.min(left + 1, width - 1), bottom = Math.min(top + 1, height - 1);
    const across = column - left, down = row - top, v = this.values;
    const above = v[top * width + left] * (1 - across) + v[top * width + right] * across;
    const below = v[bottom * width + left] * (1 - across) + v[bottom * width + right] * across;
    return above * (1 - down) + below * down;
  }

  // The raw value of the brightest color, as in xray.render.overlay.
  scale({ own, negative }) {
    const { scale, ownScale, scaleBoth, ownScaleBoth } = this.map;
    return own ? (negative ? ownScaleBoth : ownScale) : (negative ? scaleBoth : scale);
  }

  raw() {
    if (!this.sampled) {
      const { width, height } = this.canvas;
      this.sampled = new Float32Array(width * height);
      const x = this.film.width / width, y = this.film.height / height;
      for (let row = 0, place = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          this.sampled[place++] = this.at((column + 0.5) * x, (row + 0.5) * y);
        }
      }
    }
    return this.sampled;
  }

  draw(context, shown, colors) {
    const wanted = [shown.opacity, shown.threshold, shown.colormap, shown.own, shown.negative, this.map.muted].join();
    if (wanted !== this.drawn) {
      this.drawn = wanted;
      const { width, height } = this.canvas, picture = new ImageData(width, height);
      const raw = this.raw(), scale = this.scale(shown);
      for (let place = 0; scale > 0 && place < raw.length; place++) {
        const value = Math.min(1, Math.max(shown.negative ? -1 : 0, raw[place] / scale)), alpha = alphaOf(value, shown, this.map.muted);
        if (!alpha) continue;
        picture.data.set(colored(value, colors), 4 * place);
        picture.data[4 * place + 3] = Math.round(255 * alpha);
      }
      this.canvas.getContext("2d").putImageData(picture, 0, 0);
    }
    context.imageSmoothingEnabled = true;
    context.drawImage(this.canvas, 0, 0, this.film.width, this.film.height);
  }
}

// The color of a value in [-1, 1]: color map above 0, black to blue below 0. colors: 256 x 3 bytes.
function colored(value, colors) {
  if (value < 0) return COLD.map((level) => -value * level);
  const place = 3 * Math.round(255 * value);
  return [colors[place], colors[place + 1], colors[place + 2]];
}

// The opacity of a value in [-1, 1], as in xray.render.overlay: proportional to what exceeds the threshold.
function alphaOf(value, { opacity, threshold }, muted) {
  return Math.max(0, (Math.abs(value) - threshold) / Math.max(1 - threshold, 1e-6)) * opacity * (muted ? MUTED : 1);
}

// Paint the colors from the lowest to the highest value, left to right, as they appear over medium gray.
function paintBar(canvas, shown, colors, muted) {
  const picture = new ImageData(canvas.width, 1), gray = 128;
  for (let column = 0; column < canvas.width; column++) {
    const share = (column + 0.5) / canvas.width, value = shown.negative ? 2 * share - 1 : share, alpha = alphaOf(value, shown, muted);
    picture.data.set([...colored(value, colors).map((level) => gray + alpha * (level - gray)), 255], 4 * column);
  }
  for (let row = 0; row < canvas.height; row++) canvas.getContext("2d").putImageData(picture, 0, row);
}
