/**
 * How a page developed, as this tab saw it: every draft and every change of its tokens, with their times.
 * @import { Delta, Keyframe, Token } from "../../types/messages.js"
 */

/** More frames than any page of ours takes; beyond it a recording thins itself out. */
const MOST = 400;

/** @typedef {{at: number, block: number, step: number, steps: number, reading: number, settled: number, entropy: number, html: string, tokens: Token[]}} Shot at: ms since the first */

export class Recording {
  /** @type {Shot[]} */ shots = [];
  #began = 0;

  /** @param {Keyframe | Delta} message @param {string} html the whole draft */
  add({ block, step, steps, reading, settled, entropy, tokens }, html) {
    const now = performance.now();
    if (!this.shots.length) this.#began = now;
    this.shots.push({ at: now - this.#began, block, step, steps, reading, settled, entropy, html, tokens });
    if (this.shots.length > MOST) this.#thin();
  }

  /**
   * The tokens of each canvas as they stood at a shot, and how often one had been corrected by then.
   * @param {number} index
   */
  canvases(index) {
    /** @type {Map<number, Token>[]} */
    const canvases = [];
    let corrections = 0;
    for (const { block, tokens } of this.shots.slice(0, index + 1)) {
      while (canvases.length <= block) canvases.push(new Map());
      for (const token of tokens) {
        const [position, text, state] = token;
        const before = canvases[block]?.get(position);
        if (state === 2 && !(before?.[2] === 2 && before[1] === text)) corrections++;
        canvases[block]?.set(position, token);
      }
    }
    return { canvases: canvases.map(canvas => [...canvas.values()].sort((a, b) => a[0] - b[0])), corrections };
  }

  /** Leave out every other shot, handing its tokens on to the next. */
  #thin() {
    this.shots = this.shots.filter((shot, index) => {
      const next = this.shots[index + 1];
      if (index % 2 || !next || next.block !== shot.block) return true;
      next.tokens = [...shot.tokens, ...next.tokens];
      return false;
    });
  }
}
