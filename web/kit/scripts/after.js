/* for: .board .seats .calendar .swatches .pixels .keys .piano .tabs tablist */
// A page's own script stays in charge: what the kit listens to it hears after the page, and it knows what the page listens to.

const { addEventListener: listen, removeEventListener: unlisten } = EventTarget.prototype;

/** The types of events that a page's own script listens to, by where. @type {WeakMap<object, Set<string>>} */
const heard = new WeakMap();

EventTarget.prototype.addEventListener = function (/** @type {unknown[]} */ ...said) {
  const whom = this ?? self;
  Reflect.apply(listen, whom, said);
  heard.set(whom, (heard.get(whom) ?? new Set()).add(String(said[0])));
};

/**
 * Listen behind all listeners that stand there when an event comes.
 * @param {Window | Document} on @param {string} type @param {(event: any) => void} act
 */
function after(on, type, act) {
  const last = () => {
    unlisten.call(on, type, act);
    listen.call(on, type, act);
  };
  listen.call(on, type, last, true);
}

/**
 * Whether the page itself listens to one of these, on an element or on what it stands in.
 * @param {Element} element @param {string[]} types @param {Node | null} [within] where to stop; without it the window counts, too
 */
function hears(element, types, within) {
  const does = (/** @type {any} */ at) => types.some(type => at[`on${type}`] || heard.get(at)?.has(type));
  for (let at = /** @type {Node | null} */ (element); at && at !== within?.parentNode; at = at.parentNode) if (does(at)) return true;
  return !within && does(self);
}

/** Press and let go as a finger would, for pages that listen to the press and not to the click. @param {HTMLElement} element */
function press(element) {
  down(element);
  element.click();
  up(element);
}

/** @param {Element} element */
function down(element) {
  element.toggleAttribute("data-pressed", true);
  touch(element, "down");
}

/** @param {Element} element */
function up(element) {
  element.toggleAttribute("data-pressed", false);
  touch(element, "up");
}

/** @param {Element} element @param {"down" | "up"} way */
function touch(element, way) {
  const { left, top, width, height } = element.getBoundingClientRect();
  const at = { bubbles: true, cancelable: true, composed: true, clientX: left + width / 2, clientY: top + height / 2 };
  const how = { ...at, buttons: Number(way === "down") };
  element.dispatchEvent(new PointerEvent(`pointer${way}`, { ...how, pointerType: "mouse", isPrimary: true, pointerId: 1 }));
  element.dispatchEvent(new MouseEvent(`mouse${way}`, how));
}
