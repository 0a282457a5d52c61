// Mouse and touch input.

const STILL = 4; // screen pixels that a pointer moves at most during a click

function listen(viewer) {
  const { canvas, root } = viewer, options = { signal: viewer.ended.signal };
  viewer.pointers = new Map();
  canvas.addEventListener("pointerdown", (event) => down(viewer, event), options);
  canvas.addEventListener("pointermove", (event) => move(viewer, event), options);
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => up(viewer, event), options);
  canvas.addEventListener("pointerleave", () => { viewer.pointer = viewer.cross; viewer.draw(); }, options);
  canvas.addEventListener("blur", () => hideCross(viewer), options);
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
  hideCross(viewer);
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
  else if (tool && event.button === 0 && !event.shiftKey) begin(viewer, point);
  else viewer.dragging = "pan";
}

// Begin a measurement or a mark at a point of the screen.
function begin(viewer, point) {
  const place = viewer.place(point);
  viewer.dragging = viewer.tool === RULER ? "ruler" : "mark";
  if (viewer.tool === RULER) viewer.ruler = [place, place];
  else viewer.marking = newMark(viewer.tool, place, viewer.view.factor(viewer.film, viewer.width, viewer.height));
}

// Continue a measurement or a mark to a point of the screen.
function reach(viewer, point) {
  if (viewer.dragging === "ruler") viewer.ruler[1] = viewer.place(point);
  else if (viewer.marking) extend(viewer.marking, viewer.place(point));
}

// End a measurement or a mark, and report the mark to Python.
function end(viewer) {
  const mark = viewer.marking && finished(viewer.marking, viewer.film);
  viewer.marking = null;
  viewer.dragging = "";
  if (mark) viewer.mark([...viewer.marks, mark]);
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
  else reach(viewer, point);
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
  if (viewer.pointers.size) return;
  end(viewer);
  viewer.draw();
}
