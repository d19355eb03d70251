/**
 * How far the page is and how fast it goes, out of what frames tell.
 * @import { Delta, Keyframe } from "../types/messages.js"
 */

/** A canvas after the first changes only the end of a page: the print as a whole looks nearly developed. */
const LATER_CANVAS = 0.85;

export class Meter {
  #began = performance.now();
  #earlier = 0; // tokens of the canvases before the one developing
  #size = 1; // of a canvas
  #block = 0;

  /**
   * share: settled part of the canvas; developed: how the whole page should look; both 0 to 1. rate: tokens a second, 0 while unknown.
   * @param {Keyframe | Delta} message
   */
  read({ type, block, settled, tokens }) {
    if (block !== this.#block) this.#earlier += this.#size * (block - this.#block);
    if (type === "keyframe") this.#size = Math.max(tokens.length, 1);
    this.#block = block;
    const share = settled / this.#size;
    const seconds = (performance.now() - this.#began) / 1000;
    const rate = seconds > 0.2 ? (this.#earlier + settled) / seconds : 0;
    return { share, developed: block > 0 ? Math.max(share, LATER_CANVAS) : share, rate };
  }
}
