// Runs an exported model in the browser with ONNX Runtime. Nothing leaves the computer.

const LUMA = [0.299, 0.587, 0.114]; // ITU-R BT.601, as Pillow converts to gray
const element = (id) => document.getElementById(id);
let model, session, shown; // facts of the model; ONNX session; { film, result, finding }

async function bytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} cannot be loaded.`);
  return response;
}

async function unpacked(url) {
  const stream = (await bytes(url)).body.pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

async function start() {
  ort.env.wasm.numThreads = 1; // several threads need headers that a simple server does not send
  ort.env.wasm.wasmPaths = { mjs: new URL("ort/ort-wasm-simd-threaded.mjs", document.baseURI).href };
  ort.env.wasm.wasmBinary = await unpacked("ort/ort-wasm-simd-threaded.wasm.gz");
  model = await (await bytes("model.json")).json();
  session = await ort.InferenceSession.create(await (await bytes("model.onnx")).arrayBuffer());
  element("title").textContent = document.title = model.title;
  element("notice").textContent = model.notice;
  element("state").textContent =
    "The model does not check whether a picture is a radiograph of the kind that it was trained on.";
  element("file").disabled = false;
}

// A film as float32 in [0, 1], white is dense.
async function decoded(file) {
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" });
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const pixels = new Float32Array(width * height);
  for (let place = 0; place < pixels.length; place++) {
    const [red, green, blue] = rgba.subarray(4 * place, 4 * place + 3);
    const gray = red === green && green === blue ? red : LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue;
    pixels[place] = gray / 255;
  }
  return { pixels, width, height };
}

async function classify(film) {
  const input = new ort.Tensor("float32", film.pixels, [1, 1, film.height, film.width]);
  const output = await session.run({ film: input });
  const [, , rows, columns] = output.maps?.dims ?? [0, 0, 0, 0];
  return { probabilities: Array.from(output.probabilities.data), maps: output.maps?.data, rows, columns };
}

const percent = (value) => `${(100 * value).toFixed(1)}%`;

function showFindings() {
  const { result, finding } = shown;
  const order = model.findings.map((name, index) => ({ name, index, reached: reached(index) }));
  order.sort((a, b) => b.reached - a.reached || result.probabilities[b.index] - result.probabilities[a.index]);
  element("findings").replaceChildren(
    ...order.map(({ name, index, reached }) => {
      const button = document.createElement("button");
      button.className = reached ? "finding reached" : "finding";
      button.setAttribute("aria-pressed", index === finding);
      const point = percent(model.operating_points[index]);
      const label = document.createElement("span");
      label.textContent = `${name}: ${percent(result.probabilities[index])} (operating point ${point})`;
      const track = document.createElement("div");
      track.className = "track";
      for (const [kind, side, value] of [
        ["fill", "width", result.probabilities[index]],
        ["point", "left", model.operating_points[index]],
      ]) {
        const part = track.appendChild(document.createElement("div"));
        part.className = kind;
        part.style[side] = percent(value);
      }
      button.append(label, track);
      button.onclick = () => {
        shown.finding = index;
        show();
      };
      return button;
    }),
  );
}

const reached = (index) => shown.result.probabilities[index] >= model.operating_points[index];

function showFilm() {
  const { film, result, finding } = shown;
  const canvas = element("film");
  canvas.width = film.width;
  canvas.height = film.height;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(film.width, film.height);
  for (let place = 0; place < film.pixels.length; place++) {
    picture.data.fill(255 * film.pixels[place], 4 * place, 4 * place + 3);
    picture.data[4 * place + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
  canvas.setAttribute("aria-label", `The film with the heatmap of ${model.findings[finding]}`);
  if (!result.maps || !element("overlay").checked) return;
  const cells = result.rows * result.columns;
  const map = result.maps.subarray(finding * cells, (finding + 1) * cells);
  const highest = Math.max(...map);
  if (highest <= 0) return; // no positive evidence
  const heat = new OffscreenCanvas(result.columns, result.rows);
  const values = new ImageData(result.columns, result.rows);
  for (let place = 0; place < cells; place++) {
    const share = Math.max(map[place], 0) / highest;
    values.data.set([232, 163, 61, 200 * share], 4 * place); // opacity in proportion to the value
  }
  heat.getContext("2d").putImageData(values, 0, 0);
  context.imageSmoothingQuality = "high";
  context.drawImage(heat, 0, 0, film.width, film.height);
}

function show() {
  showFindings();
  showFilm();
}

element("overlay").onchange = () => shown && showFilm();
element("file").onchange = async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  element("problem").textContent = "";
  let film;
  try {
    film = await decoded(file);
  } catch {
    element("problem").textContent = `${file.name} cannot be read as a picture. Choose a PNG or JPEG file.`;
    return;
  }
  const result = await classify(film);
  const margins = result.probabilities.map((value, index) => value - model.operating_points[index]);
  shown = { film, result, finding: margins.indexOf(Math.max(...margins)) };
  show();
};

start().catch((error) => {
  element("state").textContent = "";
  element("problem").textContent = `The model cannot be loaded: ${error.message}`;
});
