/**
 * What a visitor did to pages (scrolled, filled in), kept for when a page is shown again or changed.
 * @import { View } from "../../types/messages.js"
 */

const KEPT = 50;

export class Views {
  /** @type {Map<string, View>} */ #views = new Map();

  /** @param {string} page */
  of(page) {
    return this.#views.get(page) ?? null;
  }

  /** @param {string} page @param {View} view */
  keep(page, view) {
    this.#views.delete(page);
    this.#views.set(page, view);
    for (const oldest of this.#views.keys()) if (this.#views.size > KEPT) this.#views.delete(oldest);
  }
}

/** What a visitor did to a draft, and what they had done to the page before where the draft did not yet have it. @param {View | null} view @param {View | null} before */
export function merged(view, before) {
  if (!view || !before) return view ?? (before && { ...before, focus: -1 });
  const done = new Set(view.edited.map(([index]) => index));
  return {
    ...view,
    x: view.x || before.x,
    y: view.y || before.y,
    edited: [...view.edited, ...before.edited.filter(([index]) => !done.has(index))],
  };
}
