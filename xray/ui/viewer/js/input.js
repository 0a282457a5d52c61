// Mouse, touch and keyboard input.

const STEP = 40; // screen pixels per arrow key press
const STILL = 4; // screen pixels that a pointer moves at most during a click
const KEYS = {
  " ": ["reset"], r: ["turn"], x: ["mirror"], m: ["lens"], w: ["windowing"], i: ["invert"], h: ["heat"], l: ["lungs"], s: ["swipe"],
  f: ["fullscreen"], d: [RULER], Backspace: ["undo"], Delete: ["undo"],
};

function listen(viewer) {
  const { canvas, root } = viewer, options = { signal: viewer.ended.signal };
  viewer.pointers = new Map();
  canvas.addEventListener("pointerdown", (event) => down(viewer, event), options);
  canvas.addEventListener("pointermove", (event) => move(viewer, event), options);
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => up(viewer, event), options);
  canvas.addEventListener("pointerleave", () => { viewer.pointer = null; viewer.draw(); }, options);
  canvas.addEventListener("dblclick", () => act(viewer, "reset"), options);
  canvas.addEventListener("contextmenu", (event) => event.preventDefault(), options);
  canvas.addEventListener("wheel", (event) => {
    if (!viewer.takesWheel(event)) return viewer.hint();
    event.preventDefault();
    if (viewer.film) viewer.zoom(1.0015 ** -event.deltaY, at(event));
  }, { ...options, passive: false });
  for (const name of ["touchstart", "touchmove"]) {
    canvas.addEventListener(name, (event) => event.touches.length > 1 && event.preventDefault(), { ...options, passive: false });
  }
  root.addEventListener("keydown", (event) => key(viewer, event), options);
  document.addEventListener(LINK, (event) => viewer.follow(event.detail), options);
}

function at(event) {
  return { x: event.offsetX, y: event.offsetY };
}

function down(viewer, event) {
  if (!viewer.film) return;
  viewer.pressed = at(event);
  if (event.pointerType === "touch" && !viewer.pointers.size && !viewer.takesFinger()) {
    viewer.pointers.set(event.pointerId, at(event)); // the browser scrolls, unless a second finger arrives
    viewer.dragging = "";
    return;
  }
  event.preventDefault();
  viewer.canvas.focus({ preventScroll: true });
  viewer.canvas.setPointerCapture(event.pointerId);
  viewer.pointers.set(event.pointerId, at(event));
  const { modes, tool } = viewer, point = at(event);
  if (viewer.pointers.size > 1) {
    viewer.marking = null;
    viewer.dragging = "pinch";
  } else if (event.button === 2 || modes.windowing) viewer.dragging = "window";
  else if (modes.swipe && Math.abs(point.x - viewer.line) < 10) viewer.dragging = "line";
  else if (tool === RULER && event.button === 0 && !event.shiftKey) {
    viewer.dragging = "ruler";
    viewer.ruler = [viewer.place(point), viewer.place(point)];
  } else if (tool && event.button === 0 && !event.shiftKey) {
    viewer.dragging = "mark";
    viewer.marking = newMark(tool, viewer.place(point), viewer.view.factor(viewer.film, viewer.width, viewer.height));
  } else viewer.dragging = "pan";
}

function move(viewer, event) {
  if (!viewer.film) return;
  const point = at(event), before = viewer.pointers.get(event.pointerId);
  viewer.pointer = point;
  if (!before) return viewer.draw();
  const x = point.x - before.x, y = point.y - before.y, { shown } = viewer;
  if (viewer.dragging === "pinch") pinch(viewer, event.pointerId, point);
  viewer.pointers.set(event.pointerId, point);
  if (viewer.dragging === "pan") viewer.pan(x, y);
  else if (viewer.dragging === "window") viewer.window(shown.center + y / viewer.height, shown.width + (2 * x) / viewer.width);
  else if (viewer.dragging === "line") viewer.line = Math.min(viewer.width, Math.max(0, point.x));
  else if (viewer.dragging === "ruler") viewer.ruler[1] = viewer.place(point);
  else if (viewer.marking) extend(viewer.marking, viewer.place(point));
  viewer.draw();
}

// Two fingers pan by the motion of their center and zoom by their distance.
function pinch(viewer, id, point) {
  const [other] = [...viewer.pointers].filter(([pointer]) => pointer !== id).map(([, place]) => place);
  const before = viewer.pointers.get(id), middle = { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 };
  const distance = (from) => Math.max(1, Math.hypot(from.x - other.x, from.y - other.y));
  viewer.pan((point.x - before.x) / 2, (point.y - before.y) / 2);
  viewer.zoom(distance(point) / distance(before), middle);
}

function up(viewer, event) {
  const { x, y } = at(event), single = viewer.pointers.size === 1 && event.type === "pointerup" && event.button === 0;
  const still = viewer.pressed && Math.hypot(x - viewer.pressed.x, y - viewer.pressed.y) < STILL;
  if (single && still && !viewer.tool) viewer.pick({ x, y });
  viewer.pointers.delete(event.pointerId);
  const mark = viewer.marking && finished(viewer.marking, viewer.film);
  viewer.marking = null;
  if (viewer.pointers.size) return;
  viewer.dragging = "";
  if (mark) viewer.mark([...viewer.marks, mark]);
  viewer.draw();
}

function key(viewer, event) {
  if (!viewer.film || event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("select, input")) return;
  if (event.key === " " && event.target.matches("button")) return;
  const { shown } = viewer, arrows = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (KEYS[name]) act(viewer, ...KEYS[name]);
  else if (arrows[name] && event.shiftKey) {
    const [x, y] = arrows[name];
    viewer.window(shown.center + 0.02 * y, shown.width - 0.02 * x);
  } else if (arrows[name]) viewer.pan(...arrows[name].map((sign) => STEP * sign));
  else if (name === "+" || name === "=") viewer.zoom(1.25);
  else if (name === "-") viewer.zoom(0.8);
  else if (name === "[" || name === "]") act(viewer, "opacity", shown.opacity + (name === "[" ? -0.05 : 0.05));
  else if (name === "," || name === ".") act(viewer, "threshold", shown.threshold + (name === "," ? -0.05 : 0.05));
  else if (name >= "1" && name <= "5") preset(viewer, Number(name) - 1);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
