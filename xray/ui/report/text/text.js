// The sentences of a report: pointing at one, or choosing it, tells Python which.

const RESTING = 250; // milliseconds the pointer rests on a sentence before it counts
let resting;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function sentence(one, data, choose) {
  const made = element("span", one.flags.length ? "sentence flagged" : "sentence", one.text);
  made.tabIndex = 0;
  made.role = "button";
  made.ariaPressed = String(one.index === data.chosen);
  if (one.cites.length) made.append(element("sup", "", one.cites.join(", ")));
  made.onclick = () => choose(one.index);
  made.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose(one.index);
  };
  made.onpointermove = (event) => {  // a real movement: not what a page that moves below the pointer causes
    clearTimeout(resting);
    if (event.pointerType === "mouse") resting = setTimeout(() => choose(one.index), RESTING);
  };
  made.onpointerleave = () => clearTimeout(resting);
  return made;
}

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const root = parentElement.querySelector(".report");
  const shown = JSON.stringify([data.sections, data.draft]);

  const mark = (index) => {
    for (const one of root.querySelectorAll(".sentence")) one.ariaPressed = String(Number(one.dataset.index) === index);
  };
  const choose = (index) => {
    if (root.chosen === index) return;
    root.chosen = index;
    mark(index);
    setStateValue("chosen", { draft: data.draft, index });
  };
  root.choose = choose;
  root.chosen = data.chosen;
  if (root.dataset.shown === shown) return mark(data.chosen);
  root.dataset.shown = shown;
  root.replaceChildren(
    ...data.sections.map(({ title, sentences }) => {
      const section = element("section"), text = element("p");
      section.append(element("h4", "", title), text);
      for (const one of sentences) {
        const made = sentence(one, data, (index) => root.choose(index));
        made.dataset.index = one.index;
        text.append(made, " ");
        for (const flag of one.flags) text.append(element("span", "why", flag));
      }
      return section;
    }),
  );
}
