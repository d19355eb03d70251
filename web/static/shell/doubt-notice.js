/**
 * One line below a page that the model was not sure of: kinds that it knows, each a button that asks for one.
 * @import { Doubt, WorldOrAny } from "../../types/messages.js"
 */
import { h, icon } from "./dom.js";

const CROSS = "M7 7l10 10M17 7 7 17";

/** As backend/sessions/notifier.py says it. */
const HARDLY_SEEN = "The bundled model has hardly seen anything like this.";
const KNOWS = "It knows:";

/** Fires "ask" (detail: {text, world}) when the visitor takes one of the kinds, and "leave" when the line is dismissed by a key. */
export class DoubtLine extends EventTarget {
  #words = h("p");
  #kinds = h("ul", { class: "known" });
  #close = h("button", { type: "button", class: "tool", "aria-label": "Dismiss", onclick: event => this.#dismiss(event) }, icon(CROSS));
  element = h("section", { class: "doubt", part: "doubt", "aria-label": "Doubt", hidden: true }, this.#words, this.#kinds, this.#close);
  #on = false;

  /** @param {Doubt} doubt @param {WorldOrAny} only what may be asked for @returns {string} what there is to say of it aloud */
  show(doubt, only) {
    const kinds = doubt.kinds.filter(({ world }) => only === "any" || world === only);
    this.#on = true;
    this.#words.textContent = kinds.length ? `${HARDLY_SEEN} ${KNOWS}` : HARDLY_SEEN;
    this.#kinds.replaceChildren(
      ...kinds.map(({ ask, world }) =>
        h("li", {}, h("button", { type: "button", onclick: () => this.#emit("ask", { text: ask, world }) }, ask)),
      ),
    );
    return [this.#words.textContent, kinds.map(({ ask }) => ask).join("; ")].join(" ").trim();
  }

  /** The page is not on view any more, or the visitor has read it. */
  clear() {
    this.#on = false;
    this.element.hidden = true;
  }

  /** @param {boolean} seen whether the page is on view */
  render(seen) {
    this.element.hidden = !(this.#on && seen);
  }

  /** @param {MouseEvent} click */
  #dismiss(click) {
    this.clear();
    if (!click.detail) this.#emit("leave");
  }

  /** @param {string} type @param {unknown} [detail] */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
