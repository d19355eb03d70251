/** When to have the service begin a page that the visitor is likely to open next. */

/** Pages are begun ahead no more often than this. ms */
const EVERY = 700;

export class Foresight {
  #last = -EVERY;

  /** Whether a page may be begun ahead now; if so, the next must wait. */
  allows() {
    const now = performance.now();
    const saving = /** @type {any} */ (navigator).connection?.saveData === true;
    if (saving || now - this.#last < EVERY) return false;
    this.#last = now;
    return true;
  }
}
