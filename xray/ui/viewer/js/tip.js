// The label of a control, shown beside it: on hover or focus, and on a long press of a finger.

const PATIENCE = 400; // milliseconds

class Tip {
  constructor(root, tip) {
    this.root = root;
    this.tip = tip;
  }

  // Show the label of a control; a long press shows it instead of pressing the control.
  of(control, label) {
    const soon = () => {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.show(control, label), PATIENCE);
    };
    control.addEventListener("pointerenter", soon);
    control.addEventListener("focus", () => control.matches(":focus-visible") && this.show(control, label));
    control.addEventListener("contextmenu", (event) => event.preventDefault());
    for (const name of ["pointerleave", "pointercancel", "blur", "pointerup"]) control.addEventListener(name, () => this.hide());
    control.addEventListener("pointerdown", (event) => event.pointerType === "touch" || this.hide());
    control.addEventListener("pointerup", (event) => (this.long = event.pointerType === "touch" && this.seen === control));
    control.addEventListener("click", (event) => {
      if (this.long) event.stopImmediatePropagation();
      this.long = false;
    });
  }

  show(control, label) {
    this.tip.textContent = label;
    this.tip.hidden = false;
    this.seen = control;
    const frame = this.root.getBoundingClientRect(), place = control.getBoundingClientRect(), size = this.tip.getBoundingClientRect();
    const beside = control.closest(".rail") && place.left - frame.left < 80 && frame.width >= 560;
    const left = beside ? place.right - frame.left + 6 : place.left - frame.left;
    this.tip.style.left = `${Math.max(0, Math.min(left, frame.width - size.width))}px`;
    this.tip.style.top = `${beside ? place.top - frame.top + 3 : place.bottom - frame.top + 4}px`;
  }

  hide() {
    clearTimeout(this.waiting);
    this.tip.hidden = true;
    queueMicrotask(() => (this.seen = null));
  }
}
