/**
 * Where the visitor is: the page on view or developing, its place in the history, and what that makes possible.
 * @import { ViewName } from "./toolbar.js"
 * @import { WorldOrAny } from "../../types/messages.js"
 */

/** @typedef {{page: string, url: string, world: WorldOrAny, title: string, base: string, undo: boolean, redo: boolean, index: number, length: number}} Here */

/** @type {Here} */
export const NOWHERE = { page: "", url: "", world: "any", title: "", base: "", undo: false, redo: false, index: -1, length: 0 };

/** Where the history leads. @param {Here} here @param {boolean} home whether the start screen is on view */
export function ways({ page, index, length }, home) {
  return { back: index > 0 || (home && page !== ""), forward: index < length - 1 };
}

/**
 * The views that the page on view has, besides itself.
 * @param {Here} here @param {{settled: boolean, seen: boolean}} state settled: it is final; seen: this tab saw it develop
 * @returns {ViewName[]}
 */
export function views({ base }, { settled, seen }) {
  /** @type {ViewName[]} */
  const all = ["page", "canvas"];
  if (settled && seen) all.push("replay");
  if (settled && base) all.push("changes");
  return all;
}
