/**
 * Whether a visitor did something in a frame, which a page cannot do for them. Browsers tell a document only that a gesture was
 * made in it or in one of its frames; which of them it was follows from what happened in the shell itself.
 */

/** A gesture takes another way between processes than the message it caused, and may arrive later: at most so late, and how often to look. ms */
const [LAG, LOOK] = [500, 20];
/** How long a gesture counts in browsers, at the longest. ms */
const LASTS = 5500;

export class Gestures {
  #own = -LASTS; // when the visitor last did something in the shell itself

  constructor() {
    for (const type of ["pointerdown", "keydown"]) addEventListener(type, () => (this.#own = performance.now()), true);
  }

  /** Whether a visitor just did something in a frame. @param {HTMLIFrameElement} frame */
  async madeIn(frame) {
    const until = performance.now() + LAG;
    while (!this.#made(frame) && performance.now() < until) await new Promise(done => setTimeout(done, LOOK));
    return this.#made(frame);
  }

  /**
   * A gesture in a frame counts for the documents around it too; while one in the shell may be what counts, the focus must have
   * gone into the frame.
   * @param {HTMLIFrameElement} frame
   */
  #made(frame) {
    const elsewhere = performance.now() - this.#own < LASTS;
    return (navigator.userActivation?.isActive ?? true) && (!elsewhere || focused(frame) === frame);
  }
}

/** The element that has the focus, as the tree that holds an element sees it. @param {Element} element */
export function focused(element) {
  return /** @type {ShadowRoot | Document} */ (element.getRootNode()).activeElement;
}
