/**
 * The element that a change is about, in the composer until it is removed: button “Add”.
 * @import { Target } from "../../types/messages.js"
 */
import { h, icon } from "./dom.js";
import { named } from "./element-names.js";

const CROSS = "M7.5 7.5l9 9M16.5 7.5l-9 9";

/** Fires "remove" when the visitor removes it. */
export class Chip extends EventTarget {
  /** @type {Target | null} */ target = null;
  #words = h("bdi");
  #remove = h("button", { type: "button", onclick: this.#onRemove.bind(this) }, icon(CROSS));
  element = h("div", { class: "about", hidden: true }, h("span", { class: "chip" }, this.#words, this.#remove));

  /** @param {Target} target */
  show(target) {
    this.target = target;
    this.#words.textContent = named(target);
    this.#remove.title = `Remove ${named(target)}`;
    this.#remove.ariaLabel = this.#remove.title;
    this.element.hidden = false;
  }

  clear() {
    this.target = null;
    this.element.hidden = true;
  }

  #onRemove() {
    this.clear();
    this.dispatchEvent(new CustomEvent("remove"));
  }
}
