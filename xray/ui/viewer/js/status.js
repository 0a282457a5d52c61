// What the controls, the color bar and the line below the film show.

const HINT = "To zoom, click the film first or hold Ctrl.";

function describe(viewer) {
  const { canvas, shown, modes, tool, view } = viewer;
  const tools = Object.fromEntries([...viewer.data.tools, RULER].map((name) => [name, name === tool && !modes.windowing]));
  const { invert, own, negative } = shown;
  viewer.bar.show({ ...shown, display: viewer.data.display }, { ...modes, ...tools, invert, own, negative, mirror: view.mirrored });
  describeScale(viewer);
  canvas.style.touchAction = viewer.takesFinger() ? "none" : "";
  viewer.readout.textContent = viewer.hinting ? HINT : valuesAt(viewer);
}

function describeScale(viewer) {
  const { root, shown, modes, heat } = viewer, scale = root.querySelector(".scale");
  scale.hidden = !heat || !modes.heat;
  if (scale.hidden) return;
  const highest = heat.scale(shown), bar = scale.querySelector("canvas");
  scale.querySelector(".low").textContent = shown.negative ? (-highest).toPrecision(3) : "0";
  scale.querySelector(".high").textContent = highest.toPrecision(3);
  const painted = [shown.colormap, shown.negative, shown.opacity, shown.threshold, heat.map.muted].join();
  if (bar.dataset.painted !== painted) paintBar(bar, shown, viewer.colormap(), heat.map.muted);
  bar.dataset.painted = painted;
}

// The values of film and map under the pointer, the length of the ruler and the window.
function valuesAt(viewer) {
  const { pointer, film, heat, ruler, shown } = viewer;
  const at = pointer && viewer.place(pointer), value = at && film.at(at.x, at.y);
  const window = `window ${shown.center.toFixed(2)} ± ${(shown.width / 2).toFixed(2)}`;
  if (value == null) return `${window}, zoom ${viewer.view.zoom.toFixed(1)}`;
  return [
    `x ${Math.floor(at.x)}, y ${Math.floor(at.y)}`,
    `gray ${value.toFixed(4)}`,
    ...(heat ? [`raw ${heat.at(Math.floor(at.x) + 0.5, Math.floor(at.y) + 0.5).toPrecision(4)}`] : []),
    ...(ruler ? [`distance ${distance(ruler, viewer.data.spacing)}`] : []),
    window,
  ].join(" · ");
}
