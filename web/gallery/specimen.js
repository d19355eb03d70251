"use strict";
/** An example beside its markup, in one frame for each way that it is to be shown. */
class Specimen {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.stage = /** @type {HTMLElement} */ (element.querySelector(".stage"));
    this.example = /** @type {HTMLTemplateElement} */ (element.querySelector("template"));
    this.word = "";
    /** @type {ShownFrame[]} */
    this.frames = [];
    const search = /** @type {HTMLInputElement | null} */ (element.querySelector("input[type=search]"));
    search?.addEventListener("input", () => this.find(search.value));
  }

  /** @param {Look} look */
  show(look) {
    const ways = look.ways(this.example.dataset.vary ?? "");
    while (this.frames.length > ways.length) this.frames.pop()?.remove();
    for (const [at, way] of ways.entries()) this.frames[at]?.dress(way);
    for (const way of ways.slice(this.frames.length)) {
      const frame = new ShownFrame(this.example, this.element.dataset.name ?? "", way, made => this.filled(made));
      this.frames.push(frame);
      this.stage.append(frame.box);
    }
    this.element.classList.toggle("many", ways.length > 1);
    this.element.classList.toggle(
      "wide",
      ways.some(way => way.width > 900),
    );
  }

  /** @param {ShownFrame} frame */
  filled({ page }) {
    for (const pick of this.picks(page)) pick.addEventListener("click", () => copy(pick.dataset.copy ?? "", pick.textContent ?? ""));
    this.filter(page);
  }

  /** @param {Document | null} page @returns {HTMLElement[]} */
  picks(page) {
    return page ? [...page.querySelectorAll(/** @type {"button"} */ ("[data-copy]"))] : [];
  }

  /** Shows what has a word in its name. @param {string} word */
  find(word) {
    this.word = word.trim().toLowerCase();
    for (const { page } of this.frames) this.filter(page);
    const names = [...this.example.content.querySelectorAll(/** @type {"button"} */ ("[data-name]"))].map(one => one.dataset.name);
    const count = names.filter(name => name?.includes(this.word)).length;
    say(`${count} of ${names.length}`);
  }

  /** @param {Document | null} page */
  filter(page) {
    for (const pick of this.picks(page)) pick.hidden = !pick.dataset.name?.includes(this.word);
  }
}
