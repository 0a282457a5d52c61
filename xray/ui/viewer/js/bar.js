// The controls above the film: buttons and sliders handled in the browser.

const PRESETS = [
  { label: "Full range", center: 0.5, width: 1 },
  { label: "Dark half", center: 0.3, width: 0.5 },
  { label: "Middle", center: 0.5, width: 0.5 },
  { label: "Bright half", center: 0.7, width: 0.5 },
  { label: "Automatic" },
];
const MARKS = { rectangle: "rectangle", ellipse: "circle", brush: "brush" }; // icon of each tool
const RULER = "ruler"; // a tool without marks that Python receives
const SCALES = ["Scale of all findings", "Scale of this finding"];

class Bar {
  constructor(root, act) {
    this.top = root.querySelector(".bar");
    this.rail = root.querySelector(".rail");
    this.tip = new Tip(root, root.querySelector(".tip"));
    this.act = act;
    this.controls = {};
  }

  hide() {
    this.top.hidden = this.rail.hidden = true;
  }

  // Create the controls; create them again when the available features change.
  build({ heat, lungs, tools, colormaps, swipe, displays }) {
    const wanted = JSON.stringify([heat, lungs, tools, swipe, displays]);
    if (wanted === this.built) return;
    this.built = wanted;
    this.controls = {};
    this.top.replaceChildren(
      ...(displays.length ? [this.group(this.menu("display", "Display", displays))] : []),
      ...(heat ? [this.group(
        this.button("heat", "visibility", "Heatmap on or off (H)"),
        ...(swipe ? [this.button("swipe", "splitscreen_left", "Swipe between film and heatmap (S)")] : []),
        this.slider("opacity", "Opacity ([ and ])"),
        this.slider("threshold", "Hide below (, and .)"),
        this.menu("colormap", "Color map", Object.keys(colormaps)),
        this.menu("own", "Brightest color: maximum over all findings, or of this finding", SCALES),
        this.button("negative", "exposure", "Show negative evidence in blue"),
      )] : []),
      this.group(this.menu("preset", "Window", ["Custom window", ...PRESETS.map((preset, n) => `${n + 1} ${preset.label}`)])),
    );
    this.rail.replaceChildren(
      this.group(
        this.button("reset", "fit_screen", "Whole film (Space)"),
        this.button("turn", "rotate_right", "Turn (R)"),
        this.button("mirror", "flip", "Mirror (X)"),
        this.button("lens", "search", "Magnifier (M)"),
        this.button(RULER, "straighten", "Ruler (D): drag to measure a distance"),
      ),
      this.group(
        this.button("windowing", "contrast", "Drag to change the window (W), or drag with the right button"),
        this.button("invert", "invert_colors", "Invert (I)"),
        ...(lungs ? [this.button("lungs", "pulmonology", "Outline of the lungs (L)")] : []),
      ),
      ...(tools.length ? [this.group(
        ...tools.map((tool) => this.button(tool, MARKS[tool], `Mark: ${tool}`)),
        this.button("undo", "undo", "Remove the last mark (Backspace)"),
        this.button("clear", "delete", "Remove all marks"),
      )] : []),
      this.group(
        this.button("save", "save", "Save this view as a picture (PNG)"),
        this.button("fullscreen", "fullscreen", "Full screen (F)"),
      ),
    );
  }

  group(...controls) {
    const group = document.createElement("div");
    group.className = "group";
    group.append(...controls);
    return group;
  }

  button(name, icon, label) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "icon", textContent: icon });
    button.setAttribute("aria-label", label);
    button.dataset.name = name;
    this.tip.of(button, label);
    button.onclick = () => this.act(name);
    return (this.controls[name] = button);
  }

  slider(name, label) {
    const box = document.createElement("label"), input = document.createElement("input");
    Object.assign(input, { type: "range", min: 0, max: 1, step: 0.01 });
    input.setAttribute("aria-label", label);
    input.oninput = () => this.act(name, Number(input.value));
    this.tip.of(box, label);
    box.append(label.split(" (")[0], input);
    this.controls[name] = input;
    return box;
  }

  menu(name, label, choices) {
    const menu = document.createElement("select");
    menu.setAttribute("aria-label", label);
    this.tip.of(menu, label);
    menu.append(...choices.map((choice) => new Option(choice, choice)));
    menu.onchange = () => this.act(name, menu.value);
    return (this.controls[name] = menu);
  }

  // Update the controls to the current state.
  show(shown, modes) {
    for (const [name, control] of Object.entries(this.controls)) {
      if (control.tagName === "BUTTON" && name in modes) control.setAttribute("aria-pressed", String(modes[name]));
      else if (control.type === "range") control.value = shown[name];
      else if (name === "display") control.value = shown.display;
      else if (name === "own") control.selectedIndex = Number(shown.own);
      else if (name === "colormap") control.value = shown.colormap;
      else if (name === "preset") control.selectedIndex = 1 + PRESETS.findIndex(({ center, width }) => center === shown.center && width === shown.width);
    }
  }
}
