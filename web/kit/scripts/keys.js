/* for: .keys .piano */
// What is typed presses the key on the page that says the same: digits, operators and Enter those of a calculator, letters those
// of a keyboard, the two middle rows those of a piano. A page that listens to the keyboard itself is left alone.

const KEYS = ":is(.keys, .piano) > :is(button, .key):not(:disabled)";
const TYPED = ["keydown", "keyup", "keypress"];
/** What a key may be called on the page, by what it is called on a keyboard. @type {Record<string, string>} */
const ALIKE = {
  Enter: "= enter ok go ↵ ⏎",
  "=": "= ↵",
  "*": "× x · ✕",
  "/": "÷ :",
  "-": "− –",
  ".": ",",
  ",": ".",
  Backspace: "⌫ ← del back",
  Delete: "ac c ce clear del",
  Escape: "ac c ce clear",
  " ": "space ␣",
};
const [WHITE, BLACK] = ["asdfghjkl;'", "we tyu op "];

/** The key on the page that someone pointed at last: Enter means "=" there, and not the same key again. @type {Element | null} */
let pointed = null;
/** Piano keys that are held down, by what was typed. @type {Map<string, HTMLElement>} */
const sounding = new Map();

listen.call(
  self,
  "pointerdown",
  ({ target, isTrusted }) => {
    if (isTrusted) pointed = /** @type {Element} */ (target).closest?.(KEYS) ?? null;
  },
  true,
);

after(self, "keydown", event => {
  const { key, target, repeat } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (key === "Tab" || key.startsWith("Arrow")) pointed = null;
  if (key === "Tab") return;
  if (
    target.matches?.(
      "input:not([readonly], [type=checkbox], [type=radio], [type=button]), textarea:not([readonly]), select, [contenteditable]",
    )
  )
    return;
  if ((key === "Enter" || key === " ") && target.matches?.("a, button, summary, [tabindex]") && (target !== pointed || key === " ")) return;
  const found = key.length < 10 ? keyFor(key) : null;
  if (!found || hears(found, TYPED)) return;
  event.preventDefault();
  if (!found.matches(".piano > *")) return press(found);
  if (repeat || sounding.has(key)) return;
  sounding.set(key, found);
  down(found);
  found.click();
});

listen.call(self, "keyup", event => quiet(/** @type {KeyboardEvent} */ (event).key));
listen.call(self, "blur", () => [...sounding.keys()].forEach(quiet));

/** @param {string} key */
function quiet(key) {
  const held = sounding.get(key);
  sounding.delete(key);
  if (held) up(held);
}

/** @param {string} key @returns {HTMLElement | undefined} */
function keyFor(key) {
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(KEYS)]).filter(one => one.checkVisibility?.() ?? true);
  const named = (/** @type {string} */ name) => all.find(one => nameOf(one) === name.toLowerCase());
  const words = [key, ...(ALIKE[key]?.split(" ") ?? [])];
  return (
    words.map(named).find(Boolean) ??
    all
      .filter(one => one.matches(".piano > *:not([data-key])"))
      .find((one, place, piano) => letter(one, place, piano) === key.toLowerCase())
  );
}

/** @param {HTMLElement} key */
function nameOf(key) {
  if (!key.dataset.key && key.matches(".piano > *")) return "";
  return (key.dataset.key ?? key.textContent).trim().toLowerCase() || " ";
}

/** The letter of a piano's key. @param {Element} key @param {number} place @param {Element[]} piano */
function letter(key, place, piano) {
  const whites = piano.slice(0, place).filter(one => !one.matches(".black")).length;
  return key.matches(".black") ? BLACK[whites - 1] : WHITE[whites];
}
