/** What an edit changed in a page's HTML, line by line. Loads the diff library when it is first looked at. */
import { h } from "./dom.js";

const DIFF = new URL("../vendor/diff/diff/line.js", import.meta.url).href;
/** Lines left alone that are shown around a change; a longer run is folded. */
const CONTEXT = 3;
/** Lines that may differ: the time to compare grows with the square of these, and a page may have a line for every few bytes. */
const MOST = 2000;

/** @typedef {{value: string, added?: boolean, removed?: boolean}} Part as the library gives it; value: whole lines */

export class Changes {
  #turn = 0;
  #body = h("div", { class: "lines" });
  element = h("section", { class: "changes", "aria-label": "Changes", tabindex: 0, hidden: true }, this.#body);

  /** @param {string | undefined} before @param {string | undefined} after HTML of two versions; undefined: not known to this tab */
  async show(before, after) {
    const turn = ++this.#turn;
    if (before === undefined || after === undefined)
      return this.#hint("This tab does not have the version before this one. Undo shows it.");
    const { diffLines } = await import(DIFF);
    if (turn !== this.#turn) return;
    /** @type {Part[] | undefined} */
    const parts = diffLines(broken(before), broken(after), { maxEditLength: MOST });
    if (!parts) return this.#hint("Almost everything changed.");
    if (!parts.some(part => part.added || part.removed)) return this.#hint("Nothing changed.");
    this.#body.replaceChildren(...parts.flatMap((part, index) => this.#part(part, index === 0, index === parts.length - 1)));
  }

  /** @param {string} words */
  #hint(words) {
    this.#body.replaceChildren(h("p", { class: "hint" }, words));
  }

  /** @param {Part} part @param {boolean} first @param {boolean} last */
  #part({ value, added, removed }, first, last) {
    const lines = value.replace(/\n$/, "").split("\n");
    if (added) return lines.map(line => h("ins", {}, line));
    if (removed) return lines.map(line => h("del", {}, line));
    const head = first ? 0 : CONTEXT;
    const tail = last ? 0 : CONTEXT;
    const folded = lines.length - head - tail;
    if (folded < 2) return lines.map(line => h("span", {}, line));
    const fold = h("i", {}, `${folded} lines as before`);
    return [
      ...lines.slice(0, head).map(line => h("span", {}, line)),
      fold,
      ...lines.slice(lines.length - tail).map(line => h("span", {}, line)),
    ];
  }
}

/** HTML with a line for each tag, rule and statement, so that lines can be compared. @param {string} html */
function broken(html) {
  return `${html
    .replace(/(<[a-z!/][^<>]*>)/gi, "\n$1\n")
    .replace(/([;}])(?=\S)/g, "$1\n")
    .replace(/\n\s*\n+/g, "\n")
    .trim()}\n`;
}
