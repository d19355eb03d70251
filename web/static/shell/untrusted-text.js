/**
 * Words of a page, shown so that they cannot pass for others: as text, and what cannot be seen, or changes how what stands around it is
 * seen, as its code.
 */
import { h } from "./dom.js";

/** Controls, marks of direction, what has no width, spaces that are none, what is blank, and marks piled on each other. */
const UNSEEN = /(?!\n)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}|(?<=\p{M}{2})\p{M}/gu;
const STRING = /("(?:[^"\\]|\\.)*")/;
/** What is shown of a text at first. */
const [LENGTH, LINES] = [400, 8];

/** @param {string} words */
export function plain(words) {
  return words.replace(UNSEEN, one => `\\u{${one.codePointAt(0)?.toString(16)}}`);
}

/** JSON whose parts, written from right to left or not, stay where they are. @param {string} json @returns {HTMLElement[]} */
function isolated(json) {
  return json.split(STRING).map(part => h("bdi", {}, plain(part)));
}

/** JSON to be read before anything is done with it: its beginning, and all of it if wanted. @param {string} json */
export function exhibit(json) {
  const head = json
    .split("\n")
    .slice(0, LINES)
    .join("\n")
    .slice(0, LENGTH)
    .replace(/\p{Surrogate}$/u, "");
  const text = h("pre", { class: "given", role: "group", tabindex: 0, "aria-label": "What it gives" }, ...isolated(head));
  if (head.length === json.length) return [text];
  const more = h("button", { type: "button", class: "more" }, `Show all ${json.length.toLocaleString("en")} characters`);
  text.append("…");
  more.onclick = () => {
    text.replaceChildren(...isolated(json));
    more.remove();
  };
  return [text, more];
}
