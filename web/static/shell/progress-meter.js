/**
 * How far the page is and how fast it goes, out of what frames tell.
 * @import { Delta, Keyframe } from "../../types/messages.js"
 */

/** A canvas after the first changes only the end of a page: the print as a whole looks nearly developed. */
const LATER_CANVAS = 0.85;

export class Meter {
  #began = performance.now();
  #earlier = 0; // tokens of the canvases before the one developing
  #block = 0;
  /** Of the canvas developing: for each position with text, whether it is settled. @type {Map<number, boolean>} */ #settled = new Map();

  /**
   * share: settled part of the canvas, not counting what lies behind the page's end; developed: how the whole page should look;
   * both 0 to 1. rate: tokens a second, 0 while unknown.
   * @param {Keyframe | Delta} message
   */
  read({ block, tokens }) {
    if (block !== this.#block) {
      this.#earlier += this.#settled.size;
      this.#settled.clear();
      this.#block = block;
    }
    for (const [position, text, state] of tokens) {
      if (text) this.#settled.set(position, state > 0);
      else this.#settled.delete(position);
    }
    const settled = [...this.#settled.values()].filter(Boolean).length;
    const share = settled / Math.max(this.#settled.size, 1);
    const seconds = (performance.now() - this.#began) / 1000;
    const rate = seconds > 0.2 ? (this.#earlier + settled) / seconds : 0;
    return { share, developed: block > 0 ? Math.max(share, LATER_CANVAS) : share, rate };
  }
}
