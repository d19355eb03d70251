/**
 * Guards buttons that come on view at a time, and at a place, which a page may choose: under the pointer, between two clicks meant for the
 * page. They count only once they have stood still on view, meaning the same, for a second, and nobody pressed too early meanwhile.
 */

/** How long buttons must have stood still. ms */
const QUIET = 1000;

export class Guard {
  #surface;
  #buttons;
  /** Since when all stands still. ms */ #since = Infinity;
  /**
   * Since when the focus is on a button to which keys led it. That takes no aim: it may come there while the visitor types for the
   * page, so that a key waits for as long again; the click of an aid, which brings the focus along, does not. ms
   */ #focused = -Infinity;
  /** When the pointer went down last. ms */ #pointed = -Infinity;
  /** When the key that is down went down. @type {number | null} */ #keyed = null;
  #place = "";
  #frame = 0;

  /** @param {HTMLElement} surface that the buttons lie on @param {HTMLElement[]} buttons */
  constructor(surface, buttons) {
    this.#surface = surface;
    this.#buttons = buttons;
    surface.addEventListener("pointerdown", event => this.#point(event), true);
    surface.addEventListener("keydown", event => this.#key(event), true);
    addEventListener("keyup", () => setTimeout(() => (this.#keyed = null)), true); // after the click that it makes
    surface.addEventListener(
      "focusin",
      ({ target }) => (this.#focused = /** @type {Element} */ (target).matches(":focus-visible") ? performance.now() : -Infinity),
    );
    surface.addEventListener("focusout", () => (this.#focused = -Infinity));
    document.addEventListener("visibilitychange", () => this.#frame && this.begin());
  }

  /** The buttons come on view, or mean something else: the second begins with the next frame that is painted. */
  begin() {
    this.#place = "";
    this.#since = Infinity;
    this.#show(0);
    if (!this.#frame) this.#watch();
  }

  /** The buttons are gone, or need no guard. */
  end() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#show(1);
  }

  /** Whether a click counts; one that comes too early has all wait for another second. @param {MouseEvent} click */
  passes(click) {
    if (!this.#frame) return true;
    this.#look();
    const began = click.detail ? this.#pointed : (this.#keyed ?? performance.now()); // neither: the click of an aid for the visitor
    const from = this.#keyed === null ? this.#since : Math.max(this.#since, this.#focused);
    const counts = click.isTrusted && began - from >= QUIET;
    if (!counts) this.begin();
    return counts;
  }

  #watch() {
    this.#frame = requestAnimationFrame(() => {
      this.#look();
      this.#show(Math.max(0, Math.min(1, (performance.now() - Math.max(this.#since, this.#focused)) / QUIET)));
      this.#watch();
    });
  }

  /** What has moved begins to stand still now. */
  #look() {
    const place = this.#where();
    if (place !== this.#place) this.#since = performance.now();
    this.#place = place;
  }

  /** Where buttons are on the screen, as far as a document can tell. */
  #where() {
    const boxes = [this.#surface, ...this.#buttons].map(element => element.getBoundingClientRect());
    const view = visualViewport;
    const edges = boxes.flatMap(({ x, y, width, height }) => [x, y, width, height]);
    return [...edges, screenX, screenY, innerWidth, innerHeight, view?.scale, view?.offsetLeft, view?.offsetTop]
      .map(Number)
      .map(Math.round)
      .join();
  }

  /** @param {PointerEvent} event */
  #point(event) {
    this.#pointed = Math.min(event.timeStamp, performance.now());
    if (this.#frame && this.#pointed - this.#since < QUIET) this.begin();
  }

  /** A key that is held since before counts for nothing. @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Enter" && event.key !== " ") return;
    if (!event.repeat) this.#keyed = Math.min(event.timeStamp, performance.now());
    this.#keyed ??= -Infinity;
  }

  /** @param {number} ripe from 0 to 1 */
  #show(ripe) {
    for (const button of this.#buttons) {
      button.setAttribute("aria-disabled", String(ripe < 1));
      button.style.setProperty("--ripe", ripe.toFixed(2));
    }
  }
}
