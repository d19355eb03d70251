/**
 * What this tab saw of each page: how it developed and what became of it. Plays a development back, beside its tokens.
 * @import { Delta, Keyframe } from "../../types/messages.js"
 */
import { CanvasView } from "../shell/canvas-view.js";
import { on } from "../shell/dom.js";
import { replayFile, save } from "./export.js";
import { Player } from "./player.js";
import { Recording } from "./recording.js";

/** Pages that are kept. */
const KEPT = 30;

/** Fires "moment" (detail: {html, share}): a draft to show, and how far the page was. */
export class Album extends EventTarget {
  tokens = new CanvasView("Tokens", "replayed");
  player = new Player();
  /** @type {Map<string, {html?: string, recording: Recording}>} */ #pages = new Map();
  #open = new Recording();
  #title = "";

  constructor() {
    super();
    on(this.player, { show: index => this.#show(index), save: () => save(replayFile(this.#open, this.#title), fileName(this.#title)) });
  }

  /** @param {string} page that starts to develop */
  begin(page) {
    this.#page(page).recording = new Recording();
  }

  /** @param {Keyframe | Delta} message @param {string} html the whole draft */
  add(message, html) {
    this.#page(message.page).recording.add(message, html);
  }

  /** @param {string} page @param {string} html as committed */
  commit(page, html) {
    this.#page(page).html = html;
  }

  /** A page's HTML, if this tab has it. @param {string} page */
  html(page) {
    return this.#pages.get(page)?.html;
  }

  /** Whether this tab saw a page develop. @param {string} page */
  saw(page) {
    return (this.#pages.get(page)?.recording.shots.length ?? 0) > 0;
  }

  /** Take up a page's development, at its end. @param {string} page @param {string} title */
  open(page, title) {
    this.#open = this.#page(page).recording;
    this.#title = title;
    this.player.load(this.#open);
  }

  /** @param {number} index */
  #show(index) {
    const shot = this.#open.shots[index];
    if (!shot) return;
    this.tokens.restore(this.#open.canvases(index).canvases);
    const detail = { html: shot.html, share: (index + 1) / this.#open.shots.length };
    this.dispatchEvent(new CustomEvent("moment", { detail }));
  }

  /** What is kept of a page; the oldest beyond the limit goes. @param {string} page */
  #page(page) {
    const seen = this.#pages.get(page) ?? { recording: new Recording() };
    this.#pages.delete(page);
    this.#pages.set(page, seen);
    for (const oldest of this.#pages.keys()) if (this.#pages.size > KEPT) this.#pages.delete(oldest);
    return seen;
  }
}

/** @param {string} title */
function fileName(title) {
  return `${title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "page"}.html`;
}
