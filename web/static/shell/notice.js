/** One line above the prompt that says what went wrong and what can be done. The shell's live region speaks it. */
import { h, icon } from "./dom.js";
import { Guard } from "./click-guard.js";

const CROSS = "M7 7l10 10M17 7 7 17";

/** Fires "take" and "leave" (detail: what the notice is about) when its offer is taken, or it is dismissed, and "lost" (the same) when another takes its place. */
export class Notice extends EventTarget {
  #about = "";
  #subject = "";
  #words = h("span", { class: "words" });
  #more = h("div", { class: "more-words" });
  #offer = h("button", { type: "button", class: "offer", onclick: event => this.#guard.passes(event) && this.#emit("take") });
  #close = h(
    "button",
    { type: "button", class: "tool", "aria-label": "Dismiss", onclick: event => this.#guard.passes(event) && this.#dismiss() },
    icon(CROSS),
  );
  element = h(
    "section",
    { class: "notice", part: "notice", "aria-label": "Notice", hidden: true },
    h("div", { class: "said" }, this.#words, this.#more),
    this.#offer,
    this.#close,
  );
  #guard = new Guard(this.element, [this.#offer, this.#close]);

  /**
   * @param {string} words @param {string} [about] what must be resolved for it to go @param {string} [offer]
   * @param {{more?: Node[], subject?: string}} [options] more: what there is to see before one takes the offer; subject: what the offer means,
   * by default the words: while that stays, words may change without the visitor having to look at the offer anew
   */
  say(words, about = "", offer = "", { more = [], subject = words } = {}) {
    const [lost, same] = [
      this.#about,
      !this.element.hidden && about === this.#about && subject === this.#subject && !this.#offer.hidden && !more.length,
    ];
    const replaced = !this.element.hidden && about !== lost;
    this.#about = about;
    this.#subject = subject;
    this.#words.textContent = words;
    this.#more.replaceChildren(...more);
    this.#offer.textContent = offer;
    this.#offer.hidden = !offer;
    this.element.hidden = false;
    if (!offer) this.#guard.end();
    else if (!same) this.#guard.begin();
    if (replaced) this.#emit("lost", lost);
  }

  #dismiss() {
    const about = this.#about;
    this.clear(about);
    this.#emit("leave", about);
  }

  /** Clear what was said about a matter. @param {string} [about] */
  clear(about = "") {
    if (about !== this.#about) return;
    this.element.hidden = true;
    this.#guard.end();
  }

  /** @param {string} type @param {string} [about] */
  #emit(type, about = this.#about) {
    this.dispatchEvent(new CustomEvent(type, { detail: about }));
  }
}
