/**
 * A visitor's place in line: shown at every change, said aloud the first time, then at most every ten seconds, and when the turn
 * has come.
 */

const PAUSE = 10000;

/** Fires "show" (detail: position, 0 when the wait is over) and "say" (detail: words). */
export class Line extends EventTarget {
  #position = 0;
  #said = 0;
  #timer = 0;
  /** Whether the visitor wants to see no more of it, this time. */ hushed = false;

  /** @param {number} position from 1; 0: the turn has come */
  stand(position) {
    const waited = this.#position > 0;
    this.#show(position);
    if (!position) {
      this.leave();
      if (waited) this.#emit("say", "It is your turn.");
    } else if (!this.#timer) this.#say();
  }

  /** There is nothing to wait for. */
  leave() {
    clearTimeout(this.#timer);
    this.#timer = this.#said = 0;
    this.hushed = false;
    if (this.#position) this.#show(0);
  }

  /** @param {number} position */
  #show(position) {
    this.#position = position;
    this.#emit("show", position);
  }

  /** Say the place as it is now, if that is news, and again after a while if it is another then. */
  #say() {
    this.#timer = 0;
    if (!this.#position || this.#position === this.#said) return;
    this.#said = this.#position;
    this.#emit("say", standing(this.#position));
    this.#timer = setTimeout(() => this.#say(), PAUSE);
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @param {number} position */
export function standing(position) {
  return `You are number ${position} in line.`;
}
