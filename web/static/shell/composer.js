/**
 * Where a visitor says what to make, in writing or aloud: the prompt, the world it belongs to, and whether it changes the page on
 * view. What was spoken stands in the field for a moment, to be corrected, and is then sent.
 * @import { Target, WorldOrAny } from "../../types/messages.js"
 * @import { VoiceState } from "../voice/voice.js"
 */
import { Chip } from "./target-chip.js";
import { h, icon } from "./dom.js";
import { CHOICES } from "./worlds.js";

const UNDO = "M9 6.5 4.5 11 9 15.5M4.5 11h9a5 5 0 0 1 0 10h-2";
const REDO = "M15 6.5 19.5 11 15 15.5M19.5 11h-9a5 5 0 0 0 0 10h2";
const ARROW = "M12 19V5.5M6 11l6-6 6 6";
const POINTER = "M5 9V5h4M15 5h4v4M5 15v4h4M11 11l8.5 3.2-3.7 1.6-1.6 3.7z";
const SELECT = "Select an element to change; Escape leaves it";
const CHANGES = { page: "Make it dark", element: "Make it larger" };
/** How long spoken words wait for a correction. ms */
const SECOND_THOUGHTS = 1200;
/** How someone begins who wants another page, not a change of this one. */
const ANEW =
  /^\W*((please|now|ok(ay)?|so|um+|uh+|hey|can you|could you|let's)\W+)*((make|build|create|write|give|show)( (me|us))? (an?|another|some) |(show|open|go) |(i('d| would) like|i want|i need) (an?|another|to (see|open)) |an? |new |another |start over)/i;
/** @type {Record<VoiceState, string>} */
const HEARD = {
  off: "",
  opening: "One moment…",
  listening: "Listening…",
  hearing: "Hearing you…",
  thinking: "Writing down what you said…",
};

/** What was said last. @typedef {{text: string, edit: boolean, target: Target | null}} Said */

/** Fires "prompt" (detail: {text, world, edit, target}), "select" (detail: boolean), "undo" and "redo". */
export class Composer extends EventTarget {
  /** @type {Said} */ #said = { text: "", edit: false, target: null };
  #page = "";
  #spoken = 0;
  #hearing = "";
  #text = h("textarea", {
    rows: 1,
    name: "prompt",
    "aria-label": "What should the page be?",
    "aria-keyshortcuts": "/",
    maxlength: 4000,
    enterkeyhint: "go",
    oninput: () => this.#onInput(),
    onpointerdown: () => this.keep(),
    onkeydown: this.#onKey.bind(this),
  });
  #edit = h("input", { type: "checkbox", name: "edit", "aria-label": "Change this page", onchange: () => this.#onEdit() });
  #editLabel = h("label", { class: "edit" }, this.#edit, h("span", {}, "Change", h("span", {}, " this page")));
  #chip = new Chip();
  #select = h(
    "button",
    { type: "button", class: "select", "aria-label": "Select", "aria-pressed": "false", title: SELECT, onclick: this.#onSelect.bind(this) },
    icon(POINTER),
    h("span", {}, "Select"),
  );
  #ask = h(
    "div",
    { class: "ask" },
    this.#chip.element,
    this.#text,
    h("button", { class: "go", "aria-label": "Develop", title: "Develop (Enter)" }, icon(ARROW)),
  );
  #undo = this.#step("undo", "Undo change", UNDO, "Control+Z");
  #redo = this.#step("redo", "Redo change", REDO, "Control+Shift+Z");
  #worlds = CHOICES.map(({ world, name }) => {
    const input = h("input", { type: "radio", name: "world", value: world, onchange: () => this.#phrase() });
    return { input, label: h("label", {}, input, h("span", {}, name)) };
  });
  #choice = h("fieldset", { class: "worlds" }, h("legend", { class: "unseen" }, "What to make"), ...this.#worlds.map(({ label }) => label));
  element = h(
    "form",
    { class: "composer", part: "composer", "aria-label": "Prompt", onsubmit: this.#submit.bind(this) },
    this.#ask,
    h("div", { class: "options" }, this.#choice, this.#editLabel, this.#select, h("div", { class: "steps" }, this.#undo, this.#redo)),
  );

  /** @param {HTMLElement} voice the button that listens */
  constructor(voice) {
    super();
    this.#text.after(voice);
    this.#ask.style.setProperty("--patience", `${SECOND_THOUGHTS}ms`);
    this.world = "any";
    this.offer({ page: "", select: false, undo: false, redo: false });
    this.#chip.addEventListener("remove", () => this.#removed());
  }

  /** What the next page is to be. @returns {WorldOrAny} */
  get world() {
    return /** @type {WorldOrAny} */ (this.#worlds.find(({ input }) => input.checked)?.input.value);
  }

  /** @param {WorldOrAny} world */
  set world(world) {
    for (const { input } of this.#worlds) input.checked = input.value === world;
    this.#phrase();
  }

  /**
   * What can be changed.
   * @param {{page: string, select: boolean, undo: boolean, redo: boolean}} state page: that can be changed, or ""; select: whether
   * elements of it can be selected; undo, redo: whether it has an earlier or a later version
   */
  offer({ page, select, undo, redo }) {
    this.#undo.hidden = !undo;
    this.#redo.hidden = !redo;
    this.#edit.disabled = !page;
    this.#editLabel.hidden = this.#select.hidden = !page;
    this.#select.disabled = !select;
    if (!page) this.#edit.checked = false;
    if (page !== this.#page) this.#forget();
    this.#page = page;
    this.#phrase();
  }

  /** Whether the visitor selects an element now. @param {boolean} on */
  set selecting(on) {
    this.#select.ariaPressed = String(on);
  }

  /** The element that the change is about. @param {Target} target */
  about(target) {
    this.#chip.show(target);
    this.#edit.checked = true;
    this.#phrase();
    this.focus();
  }

  /** The focus to the button that selects. */
  focusSelect() {
    this.#select.focus();
  }

  /** What was selected, or said about a change, was about another page. */
  #forget() {
    if (this.#chip.target) this.#edit.checked = false;
    this.#chip.clear();
    this.#said = { ...this.#said, edit: false, target: null };
  }

  #onEdit() {
    if (!this.#edit.checked) this.#chip.clear();
    this.#phrase();
  }

  #onSelect() {
    this.dispatchEvent(new CustomEvent("select", { detail: this.#select.ariaPressed !== "true" }));
  }

  #removed() {
    this.#phrase();
    this.focus();
  }

  /** Whether the visitor may choose the world. @param {boolean} free */
  set free(free) {
    this.#choice.hidden = !free;
  }

  focus() {
    this.#text.focus();
  }

  /** Give back what was said last, if nothing has been written since. */
  giveBack() {
    const { text, edit, target } = this.#said;
    if (this.#text.value) return;
    this.#write(text);
    if (edit) this.#edit.checked = true;
    if (target) this.#chip.show(target);
    this.#phrase();
  }

  /** What the microphone is doing. @param {VoiceState} state */
  hear(state) {
    this.#hearing = HEARD[state];
    if (state === "opening") this.#write("");
    this.#text.readOnly = state !== "off";
    this.#phrase();
  }

  /** Words that were heard; once they are all, they are sent if nobody touches them. @param {string} words @param {boolean} all */
  spoken(words, all) {
    this.#write(words);
    if (!all) return;
    if (!this.#edit.disabled) this.#edit.checked = this.#chip.target !== null || !asksAnew(words);
    this.#phrase();
    this.#ask.classList.add("sending");
    this.#spoken = setTimeout(() => this.element.requestSubmit(), SECOND_THOUGHTS);
  }

  /** Do not send by itself what was spoken. @returns whether that was about to happen */
  keep() {
    const waiting = this.#spoken !== 0;
    clearTimeout(this.#spoken);
    this.#spoken = 0;
    this.#ask.classList.remove("sending");
    return waiting;
  }

  #onInput() {
    this.keep();
    this.#fit();
  }

  /** @param {string} type @param {string} label @param {string} path @param {string} keys */
  #step(type, label, path, keys) {
    const press = () => this.dispatchEvent(new CustomEvent(type));
    const title = `${label} (${keys.replace("Control", "Ctrl")})`;
    return h(
      "button",
      { type: "button", class: "tool", "aria-label": label, "aria-keyshortcuts": keys, title, hidden: true, onclick: press },
      icon(path),
    );
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
    this.keep();
    const text = this.#text.value.trim();
    if (!text) return this.#text.focus();
    this.#said = { text: this.#text.value, edit: this.#edit.checked, target: this.#chip.target };
    const { edit, target } = this.#said;
    this.#write("");
    this.#edit.checked = false;
    this.#chip.clear();
    this.dispatchEvent(new CustomEvent("prompt", { detail: { text, world: this.world, edit, target } }));
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
    const world = CHOICES.find(one => one.world === this.world);
    this.#text.placeholder = this.#hearing || (this.#edit.checked ? CHANGES[this.#chip.target ? "element" : "page"] : (world?.ask ?? ""));
  }
}

/** Whether spoken words ask for another page. @param {string} words */
export function asksAnew(words) {
  return ANEW.test(words);
}
