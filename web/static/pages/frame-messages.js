/**
 * What a page frame says, read with suspicion: a page shares its realm with the script that speaks for it.
 * @import { Target, View } from "../../types/messages.js"
 */

/** @typedef {{verb: "act" | "hint" | "pick" | "point", target: Target} | {verb: "leave" | "selecting"} | {verb: "shown", page: string, title: string, blank: boolean} | View & {verb: "view"} | {verb: "store", data: Record<string, string>} | {verb: "call", id: number, name: string, args: string} | {verb: "restored"}} Said */

const LONGEST_PAGE = 1e7;
const FIELDS = 32;
const EDITED = 200;
const STORED = 64;
const MOST_ALIKE = 100_000;
const LONGEST_VALUE = 16384;

/** @param {any} data @returns {Said | null} null for anything a frame has no business saying */
export function readSaid(data) {
  switch (data?.verb) {
    case "act":
    case "hint":
    case "pick":
    case "point": {
      const target = readTarget(data.target);
      return target && { verb: data.verb, target };
    }
    case "shown":
      return { verb: "shown", page: text(data.page, 64) ?? "", title: text(data.title, 200) ?? "", blank: data.blank === true };
    case "view":
      return { verb: "view", ...readView(data) };
    case "store":
      return data.data && typeof data.data === "object" ? { verb: "store", data: readStore(data.data) } : null;
    case "call": {
      const name = text(data.name, 100);
      const args = text(data.args, LONGEST_VALUE);
      return Number.isSafeInteger(data.id) && name && args !== null ? { verb: "call", id: data.id, name, args } : null;
    }
    case "restored":
    case "selecting":
    case "leave":
      return { verb: data.verb };
    default:
      return null;
  }
}

/** @param {any} data @returns {Target | null} */
function readTarget(data) {
  const tag = text(data?.tag, 32);
  const words = text(data?.text, 1000);
  if (!tag || !/^[a-z][a-z0-9-]*$/.test(tag) || words === null) return null;
  /** @type {Target} */
  const target = { tag, text: words };
  const href = text(data.href, 2000);
  const name = text(data.name, 200);
  const value = text(data.value, 1000);
  if (href !== null) target.href = href;
  if (name !== null) target.name = name;
  if (value !== null) target.value = value;
  if (Number.isSafeInteger(data.nth) && data.nth >= 0 && data.nth <= MOST_ALIKE) target.nth = data.nth;
  if (data.form && typeof data.form === "object") target.form = readForm(data.form);
  return target;
}

/** What a page wants kept: the service checks its size as a whole. @param {object} data @returns {Record<string, string>} */
function readStore(data) {
  /** @type {[string, string][]} */
  const values = [];
  for (const [name, value] of Object.entries(data).slice(0, STORED)) {
    const key = text(name, 200);
    const kept = text(value, LONGEST_VALUE);
    if (key !== null && kept !== null) values.push([key, kept]);
  }
  return Object.fromEntries(values);
}

/** @param {object} form @returns {Record<string, string>} */
function readForm(form) {
  /** @type {[string, string][]} */
  const values = [];
  for (const [name, value] of Object.entries(form).slice(0, FIELDS)) {
    const key = text(name, 200);
    const said = text(value, 4000);
    if (key && said !== null) values.push([key, said]);
  }
  return Object.fromEntries(values);
}

/** @param {any} data @returns {View} */
function readView(data) {
  /** @type {View["edited"]} */
  const edited = [];
  for (const entry of Array.isArray(data.edited) ? data.edited.slice(0, EDITED) : []) {
    const value = text(entry?.[1], 4000);
    if (value !== null) edited.push([number(entry[0]), value, entry[2] === true]);
  }
  return { x: number(data.x), y: number(data.y), focus: Number.isInteger(data.focus) ? Math.max(-1, data.focus) : -1, edited };
}

/** A string of at most so many units without lone surrogates, or null. @param {unknown} value @param {number} length */
function text(value, length) {
  return typeof value === "string" ? value.slice(0, length).replace(/\p{Surrogate}/gu, "\ufffd") : null;
}

/** A finite number from 0 on. @param {unknown} value */
function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? Math.min(Math.max(value, 0), LONGEST_PAGE) : 0;
}
