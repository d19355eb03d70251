/**
 * Elements of a page in words.
 * @import { Target } from "../../types/messages.js"
 */

const LONGEST = 40;
/** What people call elements; the others are "part". backend/prompts/element_names.py tells the model the same. @type {Record<string, string>} */
// prettier-ignore
export const NAMES = {
  a: "link", article: "article", aside: "sidebar", audio: "player", blockquote: "quotation", button: "button",
  canvas: "drawing", caption: "caption", code: "code", dd: "description", details: "details", dialog: "dialog",
  dl: "list", dt: "term", fieldset: "group", figcaption: "caption", figure: "figure", footer: "footer", form: "form",
  h1: "heading", h2: "heading", h3: "heading", h4: "heading", h5: "heading", h6: "heading", header: "header",
  hr: "line", img: "image", input: "field", label: "label", legend: "legend", li: "list item", main: "main part",
  meter: "meter", nav: "navigation", ol: "list", output: "output", p: "paragraph", pre: "code",
  progress: "progress bar", section: "section", select: "menu", summary: "summary", svg: "image", table: "table",
  tbody: "table", td: "cell", textarea: "field", th: "cell", thead: "table", time: "time", tr: "row", ul: "list",
  video: "video",
};

/** An element as its chip shows it: button “Add”. @param {Target} target */
export function named({ tag, text, value, name }) {
  const words = (text || value || name || "").replace(/\s+/g, " ").trim();
  const called = (Object.hasOwn(NAMES, tag) && NAMES[tag]) || "part";
  return words ? `${called} “${shortened(words)}”` : called;
}

/** @param {string} words */
function shortened(words) {
  const all = [...words];
  if (all.length <= LONGEST) return words;
  const begin = all.slice(0, LONGEST - 1).join("");
  return `${begin.trimEnd()}…`;
}
