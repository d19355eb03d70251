/**
 * Where a visitor says what to make: the prompt, the world it belongs to, and whether it changes the page on view.
 * @import { World } from "../types/messages.js"
 */
import { h, icon } from "./dom.js";
import { WORLDS } from "./worlds.js";

const ARROW = "M12 19V5.5M6 11l6-6 6 6";

/** Fires "prompt" (detail: {text, world, edit}). */
export class Composer extends EventTarget {
  #said = "";
  #text = h("textarea", {
    rows: 1,
    name: "prompt",
    "aria-label": "What should the page be?",
    "aria-keyshortcuts": "/",
    maxlength: 4000,
    enterkeyhint: "go",
    oninput: () => this.#fit(),
    onkeydown: this.#onKey.bind(this),
  });
  #edit = h("input", { type: "checkbox", name: "edit", onchange: () => this.#phrase() });
  #editLabel = h("label", { class: "edit" }, this.#edit, h("span", {}, "Change this page"));
  #worlds = WORLDS.map(({ world, name }) => {
    const input = h("input", { type: "radio", name: "world", value: world, onchange: () => this.#phrase() });
    return { input, label: h("label", {}, input, h("span", {}, name)) };
  });
  element = h(
    "form",
    { class: "composer", "aria-label": "Prompt", onsubmit: this.#submit.bind(this) },
    h("div", { class: "ask" }, this.#text, h("button", { class: "go", "aria-label": "Develop", title: "Develop (Enter)" }, icon(ARROW))),
    h(
      "div",
      { class: "options" },
      h("fieldset", { class: "worlds" }, h("legend", { class: "unseen" }, "World"), ...this.#worlds.map(({ label }) => label)),
      this.#editLabel,
    ),
  );

  constructor() {
    super();
    this.world = "web";
    this.editable(false);
  }

  /** @returns {World} */
  get world() {
    return /** @type {World} */ (this.#worlds.find(({ input }) => input.checked)?.input.value);
  }

  /** @param {World} world */
  set world(world) {
    for (const { input } of this.#worlds) input.checked = input.value === world;
    this.#phrase();
  }

  /** Whether there is a page to change. @param {boolean} possible */
  editable(possible) {
    this.#edit.disabled = !possible;
    if (!possible) this.#edit.checked = false;
    this.#editLabel.hidden = !possible;
    this.#phrase();
  }

  focus() {
    this.#text.focus();
  }

  /** Give back what was said last, if nothing has been written since. */
  giveBack() {
    if (!this.#text.value) this.#write(this.#said);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    const text = this.#text.value.trim();
    if (!text) return this.#text.focus();
    this.#said = this.#text.value;
    this.dispatchEvent(new CustomEvent("prompt", { detail: { text, world: this.world, edit: this.#edit.checked } }));
    this.#write("");
    this.#edit.checked = false;
    this.#phrase();
  }

  /** @param {string} text */
  #write(text) {
    this.#text.value = text;
    this.#fit();
  }

  /** Grow with the text. */
  #fit() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }

  #phrase() {
    const world = WORLDS.find(one => one.world === this.world);
    this.#text.placeholder = this.#edit.checked ? "Make it dark" : (world?.ask ?? "");
  }
}
