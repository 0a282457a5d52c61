// Keyboard input: the keys of actions, and a cross that takes the place of the mouse.

const STEP = 40; // screen pixels per arrow key press
const FINE = 8; // of the cross; 1 with Shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS = {
  " ": ["reset"], r: ["turn"], x: ["mirror"], m: ["lens"], w: ["windowing"], i: ["invert"], h: ["heat"], l: ["lungs"], s: ["swipe"],
  f: ["fullscreen"], d: [RULER], Backspace: ["undo"], Delete: ["undo"],
};

function key(viewer, event) {
  if (!viewer.film || event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("select, input")) return;
  if (event.key === " " && event.target.matches("button")) return;
  const { shown, modes } = viewer, arrow = ARROWS[event.key];
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.target === viewer.canvas && aim(viewer, name, event.shiftKey ? 1 : FINE)) viewer.draw();
  else if (KEYS[name]) act(viewer, ...KEYS[name]);
  else if (arrow && event.shiftKey) viewer.window(shown.center - 0.02 * arrow[1], shown.width + 0.02 * arrow[0]);
  else if (arrow && modes.swipe && arrow[0]) {
    viewer.line = Math.min(viewer.width, Math.max(0, viewer.line + STEP * arrow[0]));
    viewer.draw();
  } else if (arrow) viewer.pan(...arrow.map((sign) => -STEP * sign));
  else if (name === "+" || name === "=") viewer.zoom(1.25);
  else if (name === "-") viewer.zoom(0.8);
  else if (name === "[" || name === "]") act(viewer, "opacity", shown.opacity + (name === "[" ? -0.05 : 0.05));
  else if (name === "," || name === ".") act(viewer, "threshold", shown.threshold + (name === "," ? -0.05 : 0.05));
  else if (name >= "1" && name <= "5") preset(viewer, Number(name) - 1);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// The cross: Enter shows it, arrows move it, Enter clicks or begins and ends a mark, Escape hides it.
function aim(viewer, name, step) {
  const { cross, width, height } = viewer;
  if (name === "Enter" && cross) press(viewer);
  else if (name === "Enter") viewer.cross = viewer.pointer = { x: width / 2, y: height / 2 };
  else if (name === "Escape" && cross) hideCross(viewer);
  else if (ARROWS[name] && cross) {
    const [x, y] = ARROWS[name].map((sign) => step * sign);
    viewer.cross = viewer.pointer = { x: Math.min(width, Math.max(0, cross.x + x)), y: Math.min(height, Math.max(0, cross.y + y)) };
    reach(viewer, viewer.cross);
  } else return false;
  return true;
}

function press(viewer) {
  if (viewer.dragging) end(viewer);
  else if (viewer.tool) begin(viewer, viewer.cross);
  else viewer.pick(viewer.cross);
}

// Hide the cross and drop a mark that it has begun.
function hideCross(viewer) {
  if (!viewer.cross) return;
  viewer.cross = viewer.pointer = viewer.marking = null;
  viewer.dragging = "";
  viewer.draw();
}
