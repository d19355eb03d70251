/** One line above the prompt that says what went wrong and what can be done. The shell's live region speaks it. */
import { h, icon } from "./dom.js";

const CROSS = "M7 7l10 10M17 7 7 17";

/** Fires "take" and "leave" (detail: what the notice is about) when its offer is taken, or it is dismissed. */
export class Notice extends EventTarget {
  #about = "";
  #words = h("span");
  #offer = h("button", { type: "button", class: "offer", onclick: () => this.dispatchEvent(new CustomEvent("take", { detail: this.#about })) });
  #close = h("button", { type: "button", class: "tool", "aria-label": "Dismiss", onclick: this.#dismiss.bind(this) }, icon(CROSS));
  element = h("section", { class: "notice", part: "notice", "aria-label": "Notice", hidden: true }, this.#words, this.#offer, this.#close);

  /** @param {string} words @param {string} [about] what must be resolved for it to go @param {string} [offer] */
  say(words, about = "", offer = "") {
    this.#about = about;
    this.#words.textContent = words;
    this.#offer.textContent = offer;
    this.#offer.hidden = !offer;
    this.element.hidden = false;
  }

  #dismiss() {
    const about = this.#about;
    this.clear(about);
    this.dispatchEvent(new CustomEvent("leave", { detail: about }));
  }

  /** Clear what was said about a matter. @param {string} [about] */
  clear(about = "") {
    if (about === this.#about) this.element.hidden = true;
  }
}
