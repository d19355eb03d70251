/**
 * The button Share and its menu: a link for others, or the page itself to take along.
 * @import { Way } from "./sharing.js"
 */
import { h, icon } from "./dom.js";
import { sends } from "./page-file.js";

const SHARE = "M12 14.5V4.5M8.5 7.5 12 4l3.5 3.5M6.5 11v8.5h11V11";
/** Between the menu and the edges of the window. px */
const EDGE = 8;

/** What each way is called, what comes of it, and its picture. @type {[Way, string, string, string][]} */
const WAYS = [
  [
    "link",
    "Copy link",
    "Others open a copy of this page",
    "M10.5 13.5a3.5 3.5 0 0 0 5 0l3-3a3.5 3.5 0 0 0-5-5L12 7M13.5 10.5a3.5 3.5 0 0 0-5 0l-3 3a3.5 3.5 0 0 0 5 5L12 17",
  ],
  ["download", "Download", "A file that works without a network", "M12 4.5v10M8.5 11 12 14.5l3.5-3.5M5.5 19h13"],
  ["html", "Copy HTML", "The whole page, to paste elsewhere", "M8.5 7.5 4 12l4.5 4.5M15.5 7.5 20 12l-4.5 4.5"],
  ["send", "Send file", "With another app of this device", "M20 4 10.5 13.5M20 4l-6 16-3.5-6.5L4 10z"],
];

/** Fires "share" (detail: Way). Its keys are those of any menu: arrows, Home, End, Escape, first letters. */
export class ShareMenu extends EventTarget {
  #button = h(
    "button",
    {
      type: "button",
      class: "tool",
      "aria-label": "Share",
      title: "Share",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      onclick: () => this.#press(),
    },
    icon(SHARE),
  );
  #items = WAYS.map(([way, name, more, path]) => this.#item(way, name, more, path));
  #menu = h(
    "div",
    {
      class: "share-menu",
      role: "menu",
      "aria-label": "Share",
      popover: "manual",
      onkeydown: this.#key.bind(this),
      onfocusout: this.#leave.bind(this),
    },
    ...this.#items,
  );
  /** Whether the press that is going on has closed the menu, by taking the focus from it. */ #closing = false;
  element = h("span", { class: "share" }, this.#button, this.#menu);

  constructor() {
    super();
    this.#button.addEventListener("pointerdown", () => (this.#closing = this.#open));
    addEventListener("resize", () => this.#close(false));
  }

  /** @param {boolean} disabled */
  set disabled(disabled) {
    this.#button.disabled = disabled;
    if (disabled) this.#close(false);
  }

  get #open() {
    return this.#button.ariaExpanded === "true";
  }

  /** The items that this browser can do. */
  get #offered() {
    return this.#items.filter(item => !item.hidden);
  }

  #press() {
    const closing = this.#closing;
    this.#closing = false;
    if (closing) return this.#close(true);
    for (const item of this.#items) item.hidden = item.value === "send" && !sends();
    this.#menu.showPopover();
    this.#place();
    this.#button.ariaExpanded = "true";
    this.#offered[0]?.focus();
  }

  /** Below the button, within the window. */
  #place() {
    const { left, bottom } = this.#button.getBoundingClientRect();
    const { offsetWidth, offsetHeight, style } = this.#menu;
    style.left = `${Math.max(EDGE, Math.min(left, innerWidth - offsetWidth - EDGE))}px`;
    style.top = `${Math.max(EDGE, Math.min(bottom + 4, innerHeight - offsetHeight - EDGE))}px`;
  }

  /** @param {boolean} back whether the focus goes back to the button */
  #close(back) {
    if (!this.#open) return;
    this.#button.ariaExpanded = "false";
    if (back) this.#button.focus();
    this.#menu.hidePopover();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Tab") return this.#close(true); // on from the button
    const goal = this.#goal(event);
    if (event.key === "Escape") this.#close(true);
    else if (goal) goal.focus();
    else return;
    event.preventDefault();
    event.stopPropagation(); // what a key means to the shell it does not mean here
  }

  /** The item that a key leads to. @param {KeyboardEvent} event */
  #goal({ key, ctrlKey, metaKey, altKey }) {
    const items = this.#offered;
    const at = items.findIndex(item => item.matches(":focus"));
    const places = new Map([
      ["ArrowDown", at + 1],
      ["ArrowUp", at + items.length - 1],
      ["Home", 0],
      ["End", items.length - 1],
    ]);
    const place = places.get(key);
    if (place !== undefined) return items[place % items.length];
    if (ctrlKey || metaKey || altKey || key.length > 1 || key === " ") return undefined;
    return [...items.slice(at + 1), ...items.slice(0, at + 1)].find(item => item.ariaLabel?.toLowerCase().startsWith(key.toLowerCase()));
  }

  /** The focus goes elsewhere, into the page perhaps. @param {FocusEvent} event */
  #leave({ relatedTarget }) {
    if (!this.#menu.contains(/** @type {Node | null} */ (relatedTarget))) this.#close(false);
  }

  /** @param {Way} way @param {string} name @param {string} more @param {string} path */
  #item(way, name, more, path) {
    const press = () => {
      this.#close(true);
      this.dispatchEvent(new CustomEvent("share", { detail: way }));
    };
    const words = h("span", {}, h("b", {}, name), h("small", {}, more));
    return h(
      "button",
      { type: "button", role: "menuitem", value: way, tabindex: -1, "aria-label": name, "aria-description": more, onclick: press },
      icon(path),
      words,
    );
  }
}
