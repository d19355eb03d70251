/**
 * The canvases of a page, token by token: pale while unsettled, in ink once settled, flashing when one is corrected.
 * @import { Token } from "../../types/messages.js"
 */
import { h } from "./dom.js";

const STATES = ["unsettled", "settled", "corrected"];
const FLASH = { duration: 1100, easing: "ease-out" };

export class CanvasView {
  /** How often a settled token of this page has been corrected. */
  corrections = 0;
  /** @type {HTMLElement[][]} */ #canvases = [];
  #still = matchMedia("(prefers-reduced-motion: reduce)");
  #body = h("div", { class: "canvases" });
  #legend = h("p", { class: "legend" }, ...STATES.map(state => h("span", { "data-state": state }, state)));
  element;

  /** @param {string} [label] @param {string} [name] further class */
  constructor(label = "Canvas", name = "") {
    this.element = h(
      "section",
      { class: `canvas-view ${name}`.trim(), "aria-label": label, tabindex: 0, hidden: true },
      this.#legend,
      this.#body,
    );
  }

  /** Start over. @param {string} words to show until there are tokens */
  clear(words) {
    this.corrections = 0;
    this.#canvases = [];
    this.#body.replaceChildren(h("p", { class: "hint" }, words));
  }

  /** @param {number} block @param {Token[]} tokens that changed */
  update(block, tokens) {
    const cells = this.#cells(block);
    for (const [position, text, state] of tokens) {
      while (cells.length <= position) cells.push(this.#cell(block));
      const cell = /** @type {HTMLElement} */ (cells[position]);
      this.#count(cell, text, state);
      cell.textContent = visible(text);
      cell.title = text;
      cell.classList.toggle("end", !text);
      cell.dataset.state = STATES[state] ?? "";
    }
  }

  /** Show canvases as they stood at some moment. @param {Token[][]} canvases */
  restore(canvases) {
    if (canvases.length < this.#canvases.length) this.clear("");
    canvases.forEach((tokens, block) => this.update(block, tokens));
    this.#canvases.forEach((cells, block) => {
      const last = canvases[block]?.at(-1)?.[0] ?? -1;
      for (const cell of cells.splice(last + 1)) cell.remove();
    });
  }

  /** @param {HTMLElement} cell @param {string} text @param {number} state */
  #count(cell, text, state) {
    if (state !== 2 || (cell.dataset.state === "corrected" && cell.title === text)) return;
    this.corrections++;
    if (!this.#still.matches) cell.animate([{ backgroundColor: "var(--safelight)", color: "var(--room)" }, {}], FLASH);
  }

  /** @param {number} block */
  #cells(block) {
    if (this.#canvases.length === 0) this.#body.replaceChildren();
    while (this.#canvases.length <= block) {
      this.#body.append(h("h3", {}, `Canvas ${this.#canvases.length + 1}`), h("div", { class: "cells" }));
      this.#canvases.push([]);
    }
    return /** @type {HTMLElement[]} */ (this.#canvases[block]);
  }

  /** @param {number} block */
  #cell(block) {
    const cell = h("span", { class: "cell" });
    this.#body.querySelectorAll(".cells")[block]?.append(cell);
    return cell;
  }
}

/** A token's text with its white space made visible. @param {string} text */
function visible(text) {
  return text.replace(/ /g, "\u00b7").replace(/\n/g, "\u21b5") || "\u2205";
}
