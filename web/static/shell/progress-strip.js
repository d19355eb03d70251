/**
 * The strip above the page: a film's edge print for words, a step wedge for progress. Each patch of the wedge is a denoising
 * step of the canvas, darker by a step.
 * @import { Stats } from "../../types/messages.js"
 */
import { h } from "./dom.js";

export class Strip {
  #left = h("span", { class: "edge" });
  #wedge = h("span", {
    class: "wedge",
    role: "progressbar",
    "aria-label": "Developing",
    "aria-valuemin": 0,
    "aria-valuemax": 100,
    hidden: true,
  });
  #facts = h("span", { class: "facts" });
  element = h("section", { class: "strip", part: "strip", "aria-label": "Progress" }, this.#left, this.#wedge, this.#facts);

  /** @param {string} words */
  label(words) {
    this.#left.textContent = words;
  }

  /** Nothing runs. @param {string[]} facts */
  rest(facts = []) {
    this.#wedge.hidden = true;
    this.#say(facts);
  }

  /** @param {{block: number, step: number, steps: number, reading: number, share: number, rate: number, corrections: number}} progress share: settled, 0 to 1; rate: tokens a second */
  progress({ block, step, steps, reading, share, rate, corrections }) {
    this.#wedge.hidden = false;
    this.#wedge.setAttribute("aria-valuenow", String(Math.round(100 * share)));
    this.#expose(step, steps);
    this.#say([
      `canvas ${block + 1}`,
      reading ? `reading ${reading}` : `step ${step}/${steps}`,
      `${Math.round(100 * share)}% settled`,
      rate ? `${Math.round(rate)} tokens/s` : "",
      corrections ? `${corrections} corrected` : "",
    ]);
  }

  /** @param {Stats} stats */
  done(stats) {
    this.rest([
      `${stats.tokens} tokens`,
      `${stats.steps.join("+")} steps`,
      stats.readings.some(Boolean) ? `${stats.readings.join("+")} readings` : "",
      `${stats.seconds.toFixed(1)} s`,
      `${Math.round(stats.tokens_per_second)} tokens/s`,
      stats.corrections ? `${stats.corrections} corrected` : "",
    ]);
  }

  /** @param {number} step @param {number} steps */
  #expose(step, steps) {
    while (this.#wedge.childElementCount > steps) this.#wedge.lastElementChild?.remove();
    while (this.#wedge.childElementCount < steps) this.#wedge.append(h("i"));
    [...this.#wedge.children].forEach((patch, index) => {
      /** @type {HTMLElement} */ (patch).style.setProperty("--tone", index < step ? ((index + 1) / steps).toFixed(3) : "0");
    });
  }

  /** @param {string[]} facts */
  #say(facts) {
    this.#facts.replaceChildren(...facts.filter(Boolean).map(fact => h("span", {}, fact)));
  }
}
