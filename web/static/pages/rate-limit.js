/**
 * What a page causes by itself, as often as it likes: passed on so seldom that a visitor's own actions always have room. Of what a page
 * wants kept the newest counts, and is always passed on.
 */

/** What is kept of a page is passed on no more often than this. ms */
const EVERY = 1000;
/** A page can lead on within seconds of a gesture, as a link would, but no more often than this. ms */
const ACTS = 500;
/** What the service keeps of a page at most: UTF-16 code units, names and values together; and bytes, however it is spelled. */
const [UNITS, BYTES] = [16384, 65000];

export class Unasked {
  /** What is to be passed on yet, by page. @type {Map<string, Record<string, string>>} */ #kept = new Map();
  #passed = -EVERY;
  #acted = -ACTS;
  #timer = 0;
  #pass;

  /** @param {(page: string, data: Record<string, string>) => void} pass passes on what a page wants kept */
  constructor(pass) {
    this.#pass = pass;
    addEventListener("pagehide", () => this.flush());
  }

  /** Keep what a page wants kept, in place of what it wanted before. @param {string} page @param {Record<string, string>} data */
  keep(page, data) {
    if (!fits(data)) return;
    this.#kept.set(page, data);
    this.#timer ||= setTimeout(() => this.flush(), Math.max(0, this.#passed + EVERY - performance.now()));
  }

  /** Pass on what is to be kept: it must reach the service before what a visitor does next. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (!this.#kept.size) return;
    this.#passed = performance.now();
    for (const [page, data] of this.#kept) this.#pass(page, data);
    this.#kept.clear();
  }

  /** Whether a page may lead on now; if so, the next time must wait. */
  mayAct() {
    const now = performance.now();
    if (now - this.#acted < ACTS) return false;
    this.#acted = now;
    return true;
  }
}

/** Whether the service would keep it. @param {Record<string, string>} data */
function fits(data) {
  const units = Object.entries(data).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return units <= UNITS && new TextEncoder().encode(JSON.stringify(data)).length <= BYTES;
}
