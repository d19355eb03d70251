/**
 * Keeps the keyboard where the visitor has it. A page may call focus() whenever it likes, and what is typed then would go to the
 * page: so the focus is given back to what had it, unless the visitor went into the page by a pointer or a key.
 * @import { PageFrame } from "./page-frame.js"
 */

/** Who typed in the shell so lately types on. ms */
const TYPING = 1000;
/** How long a key that moves the focus, or the shell's own moving of it, counts. ms */
const LED = 500;
/** How late a click in a page may become known, if the pointer is over it; and how late a guard may answer at all, which a page can hold up. ms */
const [LATE, PATIENCE] = [100, 300];
/** The same if the pointer came into the page after the last key: the visitor's hand is at the mouse, and a busy machine tells of clicks late. ms */
const [LATER, MORE_PATIENCE] = [500, 1500];
/** When to look where the focus has gone: so many ms after it went, and after each look. */
const SHOWS = [0, 20, 80, 400];
/** How often, and how many ms apart, the focus is asked back. */
const [TRIES, APART] = [5, 40];
/** Fields that text is typed into. */
const WRITABLE =
  "textarea, select, [contenteditable], input:not([type=button], [type=checkbox], [type=color], [type=file], [type=image], [type=radio], [type=range], [type=reset], [type=submit])";

/** Fires "taken" (detail: PageFrame) when a page took the focus by itself and had to give it back. */
export class Keyboard extends EventTarget {
  #frames;
  /** What had the focus last, outside of pages. @type {HTMLElement | null} */ #held = null;
  #typed = -TYPING;
  #led = -LED;
  /** When the visitor last did something in the shell. */ #here = 0;
  /** When the pointer last came into a page. */ #over = 0;
  /** The key that leads. @type {KeyboardEvent | null} */ #by = null;

  /** @param {() => PageFrame[]} frames that are there */
  constructor(frames) {
    super();
    this.#frames = frames;
  }

  /**
   * A focus that moves within a shadow tree is told of in that tree alone: so each tree around the shell's parts is listened to.
   * @param {AbortSignal} signal that ends it @param {Element} part of the shell
   */
  watch(signal, part) {
    for (let tree = part.getRootNode(); tree instanceof ShadowRoot; tree = tree.host.getRootNode())
      tree.addEventListener("focusin", event => this.#hold(/** @type {FocusEvent} */ (event)), { capture: true, signal });
    addEventListener("focusin", event => this.#hold(event), { capture: true, signal });
    addEventListener("keydown", event => this.#key(event), { capture: true, signal });
    addEventListener("pointerdown", event => this.#point(event), { capture: true, signal });
    addEventListener("pointerover", event => this.#come(event), { capture: true, signal });
    addEventListener("blur", event => event.target === window && this.#left(), { signal });
  }

  /** Give the focus to a page, as the shell may. @param {PageFrame} frame */
  lend(frame) {
    this.#by = null;
    this.#led = performance.now();
    frame.element.focus({ preventScroll: true });
  }

  /** A key that has led to a field of ours leads nowhere else. @param {FocusEvent} event */
  #hold(event) {
    const element = event.composedPath()[0];
    if (!(element instanceof HTMLElement) || element instanceof HTMLIFrameElement) return;
    this.#held = element;
    this.#led = -LED;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const leads = event.key === "Tab" || event.key === "F6";
    this.#by = event;
    this.#here = event.timeStamp;
    this.#led = leads ? event.timeStamp : -LED;
    if (!leads) this.#typed = ends(event) ? -TYPING : event.timeStamp;
    this.#elsewhere();
  }

  /** @param {PointerEvent} event */
  #come(event) {
    if (event.composedPath()[0] instanceof HTMLIFrameElement) this.#over = event.timeStamp;
  }

  /** @param {PointerEvent} event */
  #point(event) {
    this.#here = event.timeStamp;
    this.#led = -LED;
    this.#elsewhere();
  }

  #elsewhere() {
    for (const frame of this.#frames()) frame.elsewhere();
  }

  /** The window has lost the focus: to a page, or to another window. Which, may show a moment later. */
  async #left() {
    const at = performance.now();
    const held = this.#held;
    for (const wait of SHOWS) {
      await pause(wait);
      const frame = this.#frames().find(({ element }) => focused(element) === element);
      if (frame && held) return this.#entered(frame, held, at);
    }
  }

  /** A page has the focus. @param {PageFrame} frame @param {HTMLElement} held @param {number} at when it was lost */
  async #entered(frame, held, at) {
    if (!held.isConnected || !writes(held) || this.#leads(at)) return;
    if (at - this.#typed > TYPING && (await pointed(frame, () => this.#over > this.#here))) return;
    this.dispatchEvent(new CustomEvent("taken", { detail: frame }));
    this.#giveBack(held);
  }

  /** Whether the visitor, or the shell, moved the focus. @param {number} at when it was lost */
  #leads(at) {
    return at - this.#led < LED && !this.#by?.defaultPrevented;
  }

  /** @param {HTMLElement} held */
  async #giveBack(held) {
    for (let tries = 0; tries <= TRIES; tries++) {
      await pause(0);
      window.focus();
      held.focus({ preventScroll: true });
      await pause(APART);
      if (document.hasFocus() && focused(held) === held) return;
    }
  }
}

/** Whether a key ends what was typed: it is sent, and the visitor may go anywhere. @param {KeyboardEvent} event */
function ends(event) {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing;
}

/** Whether the visitor writes into an element: a field, or one that takes text in another way. @param {HTMLElement} held */
function writes(held) {
  return held.matches(WRITABLE) || held.isContentEditable || ("editContext" in held && held.editContext !== null);
}

/**
 * Whether a pointer led into a page. Its gesture is there before the focus is, or next to it, if the pointer is there; a key that is pressed in a page
 * comes after the focus, and leads nowhere. A pointer that came into the page after all that was done in the shell has time, and need not wait until
 * an earlier gesture in the page, which the guard cannot tell from a new one, has lapsed.
 * @param {PageFrame} frame @param {() => boolean} brought whether the pointer came into a page after all that was done in the shell
 */
async function pointed(frame, brought) {
  const known = frame.gesture(0).then(async ({ since }) => since || ((await frame.gesture(LATE)).since && over(frame)));
  if (await Promise.race([known, pause(PATIENCE)])) return true;
  if (!brought() || !over(frame)) return false;
  return Promise.race([frame.gesture(LATER).then(({ made }) => made), pause(MORE_PATIENCE)]);
}

/** @param {PageFrame} frame */
function over({ element }) {
  return element.matches(":hover");
}

/** Comes to false. @param {number} ms @returns {Promise<false>} */
function pause(ms) {
  return new Promise(done => setTimeout(done, ms, /** @type {const} */ (false)));
}

/** The element that has the focus, as the tree that holds an element sees it. @param {Element} element */
export function focused(element) {
  return /** @type {ShadowRoot | Document} */ (element.getRootNode()).activeElement;
}
