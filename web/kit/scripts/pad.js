/* for: .pad */
// <div class=pad> is a keyboard for thumbs: its buttons send the keys that a game listens to, again and again while they are held.
// Without buttons of its own it has the four arrows.

/** @type {Record<string, string>} */
const ARROWS = { ArrowUp: "↑", ArrowLeft: "←", ArrowDown: "↓", ArrowRight: "→" };
/** @type {Record<string, [string, number]>} */
const CODES = {
  ArrowLeft: ["ArrowLeft", 37],
  ArrowUp: ["ArrowUp", 38],
  ArrowRight: ["ArrowRight", 39],
  ArrowDown: ["ArrowDown", 40],
  " ": ["Space", 32],
  Enter: ["Enter", 13],
  Escape: ["Escape", 27],
  Shift: ["ShiftLeft", 16],
};
/** How long a button is held before its key comes again, and how often it then does. ms */
const [HELD, AGAIN] = [350, 90];

/** What each finger holds. @type {Map<number, {button: HTMLElement, timer: number}>} */
const fingers = new Map();

/** A button of a pad that sends a key; other things that are called so are the page's. @param {Event} event */
function padButton({ target }) {
  const button = /** @type {Element} */ (target).closest?.(/** @type {"button"} */ (".pad > button"));
  return button && keyOf(button) ? button : null;
}

/** @param {HTMLElement} button */
function keyOf(button) {
  const said = button.dataset.key ?? Object.keys(ARROWS).find(key => ARROWS[key] === button.textContent?.trim()) ?? "";
  return said === "Space" ? " " : said;
}

/** @param {string} type @param {HTMLElement} button @param {boolean} [repeat] */
function send(type, button, repeat = false) {
  const key = keyOf(button);
  const [code, keyCode] = CODES[key] ?? [/\d/.test(key) ? `Digit${key}` : `Key${key.toUpperCase()}`, key.toUpperCase().charCodeAt(0)];
  const active = document.activeElement;
  const to = !active || active.matches(".pad *, input, textarea, select") ? document.body : active;
  const init = { key, code, keyCode, which: keyCode, repeat, bubbles: true, cancelable: true, composed: true };
  if (key) to.dispatchEvent(new KeyboardEvent(type, init));
}

/** @param {number} finger @param {HTMLElement} button */
function hold(finger, button) {
  const again = () => {
    send("keydown", button, true);
    held.timer = setTimeout(again, AGAIN);
  };
  const held = { button, timer: setTimeout(again, HELD) };
  fingers.set(finger, held);
  button.toggleAttribute("data-pressed", true);
  send("keydown", button);
}

/** @param {number} finger */
function letGo(finger) {
  const held = fingers.get(finger);
  fingers.delete(finger);
  clearTimeout(held?.timer);
  held?.button.toggleAttribute("data-pressed", false);
  if (held) send("keyup", held.button);
}

document.addEventListener("pointerdown", event => {
  const button = padButton(event);
  if (!button || event.button || event.defaultPrevented) return;
  button.releasePointerCapture(event.pointerId);
  hold(event.pointerId, button);
});
document.addEventListener("pointermove", event => {
  const held = fingers.get(event.pointerId);
  const button = held && padButton(event);
  if (!button || button === held.button) return;
  letGo(event.pointerId);
  hold(event.pointerId, button);
});
for (const type of ["pointerup", "pointercancel"])
  addEventListener(type, event => letGo(/** @type {PointerEvent} */ (event).pointerId), true);
for (const type of ["blur", "pagehide"]) addEventListener(type, () => [...fingers.keys()].forEach(letGo));
for (const type of ["mousedown", "contextmenu"]) document.addEventListener(type, event => padButton(event) && event.preventDefault());
document.addEventListener("click", event => {
  const button = padButton(event);
  if (!button || event.defaultPrevented) return;
  event.preventDefault();
  if (event.detail) return;
  send("keydown", button);
  send("keyup", button);
});

new MutationObserver(() => {
  for (const pad of document.querySelectorAll("div.pad")) {
    if (pad.firstElementChild || pad.textContent?.trim()) continue;
    pad.append(
      ...Object.entries(ARROWS).map(([key, text]) =>
        Object.assign(document.createElement("button"), { type: "button", textContent: text, className: key }),
      ),
    );
  }
}).observe(document, { childList: true, subtree: true });
