// The viewer: its state, and the state that is sent to Python.

const SETTLED = 300; // milliseconds without a change before it is sent to Python
const HINTED = 2500; // milliseconds of the hint how the wheel zooms
const LEAST = 320; // pixels of height of a film that fills the window
const LINK = "xray-viewer"; // event that synchronizes the viewers of a group

class Viewer {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector(".stage canvas");
    this.picture = root.querySelector("img");
    this.readout = root.querySelector(".readout");
    this.context = this.canvas.getContext("2d");
    this.stage = root.querySelector(".stage");
    this.bar = new Bar(root, (name, value) => act(this, name, value));
    this.view = new View();
    this.modes = { heat: true, lungs: false, swipe: false, lens: false, windowing: false };
    this.marks = [];
    this.ended = new AbortController();
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(this.canvas);
    this.around = new ResizeObserver(() => this.fit());
    listen(this);
  }

  destroy() {
    this.ended.abort();
    this.resized.disconnect();
    this.around.disconnect();
    clearTimeout(this.settling);
  }

  // Apply new data from Python and keep the settings of the user.
  async update(data, send, trigger) {
    const first = !this.data;
    Object.assign(this, { data, send, trigger });
    if (first) {
      this.shown = { invert: false, ...data.drawing };
      this.marks = data.marks;
    }
    const style = getComputedStyle(this.root);
    this.colors = { found: style.getPropertyValue("--st-primary-color"), near: "#9AA5B4", truth: "#2FB597", lungs: "#7FD1FF", mark: "#56B4E9" };
    this.stage.style.aspectRatio = `${data.film.width} / ${data.film.height}`;
    this.page ??= (this.root.getRootNode().host ?? this.root).closest("[data-testid=stMain]");
    for (const element of this.page ? [this.page, this.page.firstElementChild] : []) this.around.observe(element);
    this.fit();
    this.root.dataset.parts = data.parts;
    this.canvas.setAttribute("aria-label", data.alt);
    Object.assign(this.picture, { src: data.picture, alt: data.alt });
    if (first) this.tool = (data.marking && data.tools[0]) || "";
    const film = await Film.load(data.film);
    if (this.data !== data) return; // newer data has arrived
    if (film !== this.film) {
      if (this.film) this.view.reset();
      this.film = film;
      this.tiles = { whole: new Tile(film), lens: new Tile(film) };
      this.heat = null;
    }
    if (data.map && this.heat?.map.values === data.map.values && this.heat.map.muted === data.map.muted) this.heat.map = data.map;
    else this.heat = data.map ? new Heat(data.map, film) : null;
    this.bar.build({ heat: Boolean(data.map), lungs: data.outlines.length > 0, tools: data.tools, colormaps: data.colormaps, swipe: data.swipe, displays: data.displays });
    this.picture.hidden = true;
    this.canvas.hidden = false;
    this.resize();
  }

  // Limit the height of the stage to a number of pixels, or to the part of the window below its top.
  fit() {
    if (!this.data) return;
    const scrolled = this.page?.scrollTop ?? 0, foot = this.root.querySelector(".foot").offsetHeight + 12;
    const below = window.innerHeight - this.stage.getBoundingClientRect().top - scrolled - foot;
    const limit = this.data.height ? `min(${this.data.height}px, 75vh)` : `${Math.max(LEAST, Math.floor(below))}px`;
    if (this.stage.style.maxHeight === limit) return;
    this.stage.style.maxHeight = limit;
    this.root.style.setProperty("--stage", limit);
  }

  tileFor(area) {
    return area.width === this.width ? this.tiles.whole : this.tiles.lens;
  }

  colormap() {
    return Uint8Array.from(atob(this.data.colormaps[this.shown.colormap]), (character) => character.charCodeAt(0));
  }

  resize() {
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.ratio = Math.min(2, window.devicePixelRatio || 1);
    this.canvas.width = Math.round(this.width * this.ratio);
    this.canvas.height = Math.round(this.height * this.ratio);
    this.line ||= this.width / 2;
    this.draw();
  }

  draw() {
    if (this.drawing || !this.film) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      if (this.width) frame(this);
      describe(this);
    });
  }

  // Report to Python the point of the film that was clicked, or the box there: the smallest, if several lie there.
  pick(point) {
    const { x, y } = this.place(point), area = ([left, top, right, bottom]) => (right - left) * (bottom - top);
    const found = this.data.boxes.map((box, index) => ({ ...box, index })).filter(
      ({ kind, box: [left, top, right, bottom] }) => kind === "found" && x >= left && x <= right && y >= top && y <= bottom,
    );
    found.sort((a, b) => area(a.box) - area(b.box));
    if (this.data.choosing && found.length) this.trigger("box", found[0].index);
    if (this.data.placing && this.film.at(x, y) != null) this.trigger("place", [x, y]);
  }

  // Whether one finger acts on the film instead of scrolling the page.
  takesFinger() {
    const { windowing, lens, swipe } = this.modes;
    return Boolean(this.tool || windowing || lens || swipe || document.fullscreenElement);
  }

  // Whether the wheel zooms the film instead of scrolling the page.
  takesWheel(event) {
    return event.ctrlKey || event.metaKey || document.fullscreenElement || this.root.getRootNode().activeElement === this.canvas;
  }

  // Show for a moment how the wheel zooms.
  hint() {
    clearTimeout(this.hinting);
    this.hinting = setTimeout(() => { this.hinting = 0; this.draw(); }, HINTED);
    this.draw();
  }

  // Convert a point of the screen to source pixels.
  place(point) {
    return moved(this.view.matrix(this.film, this.width, this.height).inverse(), point);
  }

  zoom(by, point = { x: this.width / 2, y: this.height / 2 }) {
    this.view.zoomAt(this.film, this.width, this.height, point, by);
    this.moved();
  }

  // Pan by screen pixels.
  pan(x, y) {
    const from = this.place({ x: 0, y: 0 }), to = this.place({ x, y });
    this.view.pan(this.film, from.x - to.x, from.y - to.y);
    this.moved();
  }

  window(center, width) {
    this.shown.center = Math.min(1, Math.max(0, center));
    this.shown.width = Math.min(1, Math.max(0.02, width));
    this.moved();
    this.settle();
  }

  // Redraw and synchronize the viewers of the group.
  moved() {
    this.draw();
    if (!this.data.linked) return;
    const { view, shown, modes } = this;
    const detail = { from: this, group: this.data.linked, view: { ...view }, shown: { ...shown }, modes: { ...modes } };
    document.dispatchEvent(new CustomEvent(LINK, { detail }));
  }

  follow({ from, group, view, shown, modes }) {
    if (from === this || group !== this.data?.linked) return;
    Object.assign(this.view, view);
    Object.assign(this.shown, shown);
    Object.assign(this.modes, modes);
    this.draw();
  }

  // Send the drawing to Python once it stops changing, never during a drag.
  settle() {
    if (!this.data.syncDrawing) return;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      if (this.pointers.size) this.settle();
      else this.send("drawing", this.shown);
    }, SETTLED);
  }

  mark(marks) {
    this.marks = marks;
    this.send("marks", marks);
    this.draw();
  }

  // Fallback if the viewer cannot run: the picture rendered by Python.
  still(error) {
    this.readout.textContent = `Static picture: ${error.message}`;
    this.picture.hidden = false;
    this.canvas.hidden = true;
    this.bar.hide();
  }
}

const viewers = new WeakMap();

export default function (component) {
  const { parentElement, data, setStateValue, setTriggerValue } = component;
  const root = parentElement.querySelector(".viewer");
  if (!viewers.has(root)) viewers.set(root, new Viewer(root));
  const viewer = viewers.get(root);
  viewer.update(data, setStateValue, setTriggerValue).catch((error) => viewer.still(error));
  return () => viewer.destroy();
}
