/**
 * A recording as a file of its own: drafts in a frame without scripts, tokens beside it, a scrubber. It loads nothing.
 * @import { Recording } from "./recording.js"
 */

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:; font-src data:; frame-src 'none'; base-uri 'none'; form-action 'none'";
const STYLE = `
:root{color-scheme:light dark;font:14px/1.45 system-ui,sans-serif}
body{margin:0;height:100vh;display:grid;grid-template:auto 1fr auto/1.3fr 1fr;background:Canvas;color:CanvasText}
h1{grid-column:1/-1;margin:0;padding:10px 16px;font:italic 20px Georgia,serif}
iframe{width:100%;height:100%;border:0;background:#fff}
pre{margin:0;padding:12px 16px;overflow:auto;white-space:pre-wrap;font:12px/1.6 monospace}
pre span{opacity:.45}pre .s{opacity:1}pre .c{opacity:1;background:#ff644055}
form{grid-column:1/-1;display:flex;gap:12px;align-items:center;padding:10px 16px}
input{flex:1}
@media(max-width:700px){body{grid-template:auto 2fr 1fr auto/1fr}}`;

/** The whole file. @param {Recording} recording @param {string} title */
export function replayFile(recording, title) {
  const shots = recording.shots.map(({ at, block, step, steps, reading, html, tokens }) => ({
    at,
    block,
    step,
    steps,
    reading,
    html,
    tokens,
  }));
  const data = JSON.stringify({ title, shots }).replace(/</g, "\\u003c");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width"><title>A page developing</title><style>${STYLE}</style></head>
<body><h1></h1><iframe sandbox title="The page"></iframe><pre aria-label="Tokens"></pre>
<form><button type="button">Play</button><input type="range" min="0" aria-label="Moment"><output></output></form>
<script type="application/json">${data}</script>
<script>(${play})()</script></body></html>
`;
}

/** Runs in the file, alone: it may use nothing from around it. */
function play() {
  const find = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(selector));
  const { title, shots } = JSON.parse(find("script[type]").textContent);
  const [button, scrub] = [find("button"), find("input")];
  let timer = 0;
  document.title = find("h1").textContent = title;
  scrub.max = scrub.value = shots.length - 1;

  const show = () => {
    const shot = shots[scrub.value];
    /** @type {Map<number, [string, number]>[]} */
    const canvases = [];
    for (const { block, tokens } of shots.slice(0, Number(scrub.value) + 1)) {
      canvases[block] ??= new Map();
      for (const [position, text, state] of tokens) canvases[block].set(position, [text, state]);
    }
    const cells = canvases.flatMap(canvas => [...canvas].sort((a, b) => a[0] - b[0]).map(([, token]) => token));
    find("iframe").srcdoc = shot.html;
    find("pre").replaceChildren(
      ...cells.map(([text, state]) => {
        const cell = document.createElement("span");
        cell.textContent = text;
        cell.className = ["", "s", "c"][state] ?? "";
        return cell;
      }),
    );
    find("output").textContent =
      `canvas ${shot.block + 1}, ${shot.reading ? `reading ${shot.reading}` : `step ${shot.step}/${shot.steps}`}, ${(shot.at / 1000).toFixed(1)} s`;
  };
  const stop = () => {
    clearTimeout(timer);
    timer = 0;
    button.textContent = "Play";
  };
  const next = () => {
    const at = Number(scrub.value);
    if (at >= shots.length - 1) return stop();
    timer = setTimeout(
      () => {
        scrub.value = at + 1;
        show();
        next();
      },
      Math.min(Math.max(shots[at + 1].at - shots[at].at, 80), 1000),
    );
  };
  scrub.oninput = () => {
    stop();
    show();
  };
  button.onclick = () => {
    if (timer) return stop();
    if (Number(scrub.value) >= shots.length - 1) scrub.value = 0;
    button.textContent = "Pause";
    show();
    next();
  };
  show();
}

/** Hand a file to the browser's downloads. @param {string} text @param {string} name */
export function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/html" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
