// The actions of buttons and keys.

const SETTLING = ["invert", "own", "negative", "opacity", "threshold", "colormap"]; // sent to Python

function act(viewer, name, value) {
  const { view, shown, modes, data } = viewer;
  if (name === "reset") view.reset();
  else if (name === "turn") view.turns = (view.turns + 1) % 4;
  else if (name === "mirror") view.mirrored = !view.mirrored;
  else if (name === "invert" || name === "negative") shown[name] = !shown[name];
  else if (name === "opacity" || name === "threshold") shown[name] = Math.min(1, Math.max(0, value));
  else if (name === "colormap") shown.colormap = value;
  else if (name === "own") shown.own = value === SCALES[1];
  else if (name === "display") return viewer.send("display", value);
  else if (name === "preset") return preset(viewer, Number(value[0]) - 1);
  else if (name in modes) modes[name] = !modes[name];
  else if (data.tools.includes(name) || name === RULER) choose(viewer, name);
  else if (name === "undo" && viewer.ruler) viewer.ruler = null;
  else if (name === "undo") return viewer.marks.length && viewer.mark(viewer.marks.slice(0, -1));
  else if (name === "clear") return viewer.marks.length && viewer.mark([]);
  else if (name === "save") return save(viewer.canvas);
  else if (name === "fullscreen") return document.fullscreenElement ? document.exitFullscreen() : viewer.root.requestFullscreen();
  if (SETTLING.includes(name)) viewer.settle();
  viewer.moved();
}

// Select a tool, or deselect the active one.
function choose(viewer, tool) {
  viewer.ruler = null;
  viewer.tool = viewer.tool === tool && !viewer.modes.windowing ? "" : tool;
  viewer.modes.windowing = false;
}

function preset(viewer, number) {
  const chosen = PRESETS[number];
  if (!chosen) return;
  const { center, width } = chosen.center ? chosen : viewer.film.automatic();
  viewer.window(center, width);
}

function save(canvas) {
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = "view.png";
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
