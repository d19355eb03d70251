/** The row above the page: home, back, forward, reload or stop, the address, the view, whether drafts show, the theme. */
import { h, icon, redraw } from "./dom.js";
import { ShareMenu } from "./share-menu.js";

const PATHS = {
  back: "M14.5 5.5 8 12l6.5 6.5",
  forward: "M9.5 5.5 16 12l-6.5 6.5",
  reload: "M18.5 8.5A7.5 7.5 0 1 0 19.5 12M19 4.5v4.2h-4.2",
  stop: "M7.5 7.5h9v9h-9z",
  final: "M4.5 6h15v12h-15zM4.5 15.5l4-4 3.5 3.5 2.5-2.5 5 5M15.6 9.4h.01",
  tone: "M12 4.5a7.5 7.5 0 1 0 0 15zM12 4.5a7.5 7.5 0 0 1 0 15",
};

/** @typedef {"page" | "canvas" | "replay" | "changes"} ViewName */

/** @type {[ViewName, string, string][]} */
const VIEWS = [
  ["page", "Page", "The page"],
  ["canvas", "Canvas", "The tokens the page is made of"],
  ["replay", "Replay", "Watch the page develop again"],
  ["changes", "Changes", "What the last edit changed in the HTML"],
];

/** Fires "home", "back", "forward", "reload" (detail: {fresh}), "stop", "navigate" (detail: string), "view" (detail: a view), "share" (detail: a way), "drafts", "tone". */
export class Toolbar extends EventTarget {
  #running = false;
  #url = "";
  #back = this.#button("Back", PATHS.back, "Alt+ArrowLeft", () => this.#emit("back"));
  #forward = this.#button("Forward", PATHS.forward, "Alt+ArrowRight", () => this.#emit("forward"));
  #icon = icon(PATHS.reload);
  #reload = h("button", { type: "button", class: "tool", onclick: this.#reloadOrStop.bind(this) }, this.#icon);
  /** @type {HTMLInputElement} */
  #address = h("input", {
    type: "text",
    name: "address",
    "aria-label": "Address",
    placeholder: "/wiki/lava",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    maxlength: 2000,
    onfocus: () => this.#address.select(),
    onblur: () => (this.#address.value = this.#url),
  });
  #share = new ShareMenu();
  #final = this.#button("Final only", PATHS.final, null, () => this.#emit("drafts"));
  #views = VIEWS.map(([view, name, title]) => this.#viewButton(view, name, title));
  element = h(
    "header",
    { class: "toolbar", part: "toolbar" },
    h(
      "button",
      { type: "button", class: "wordmark", "aria-label": "Silverprint, start screen", onclick: () => this.#emit("home") },
      h("span", {}, "Silverprint"),
    ),
    h("div", { class: "tools", role: "group", "aria-label": "History" }, this.#back, this.#forward, this.#reload),
    h("form", { class: "address", role: "search", onsubmit: this.#navigate.bind(this) }, this.#address),
    this.#share.element,
    h("div", { class: "views", role: "group", "aria-label": "View" }, ...this.#views),
    h(
      "div",
      { class: "tools settings", role: "group", "aria-label": "How pages show" },
      this.#final,
      this.#button("Light or dark", PATHS.tone, null, () => this.#emit("tone")),
    ),
  );

  constructor() {
    super();
    this.#share.addEventListener("share", event => this.#emit("share", /** @type {CustomEvent} */ (event).detail));
  }

  /** @param {{back: boolean, forward: boolean, page: boolean, running: boolean, url: string, view: string, views: string[], drafts: boolean, fixed: boolean}} state fixed: the visitor has no choice about drafts */
  update({ back, forward, page, running, url, view, views, drafts, fixed }) {
    this.#back.disabled = !back;
    this.#forward.disabled = !forward;
    this.#running = running;
    this.#share.disabled = !page || running;
    this.#reload.disabled = !page && !running;
    this.#final.hidden = fixed;
    this.#final.ariaPressed = String(!drafts);
    this.#final.title = drafts ? "Final only: show no drafts, only finished pages" : "Final only: on; press to see drafts again";
    redraw(this.#icon, running ? PATHS.stop : PATHS.reload);
    this.#reload.setAttribute("aria-label", running ? "Stop" : "Reload");
    this.#reload.title = running ? "Stop (Escape)" : "Reload; with Shift: make another print of it";
    for (const button of this.#views) {
      button.setAttribute("aria-pressed", String(button.value === view));
      button.hidden = !views.includes(button.value);
    }
    if (url !== this.#url && !this.#address.matches(":focus")) this.#address.value = url;
    this.#url = url;
  }

  /** @param {string} label @param {string} path @param {string | null} keys @param {() => void} press */
  #button(label, path, keys, press) {
    const title = keys ? `${label} (${keys.replace("Arrow", "")})` : label;
    return h(
      "button",
      { type: "button", class: "tool", "aria-label": label, title, "aria-keyshortcuts": keys, onclick: press },
      icon(path),
    );
  }

  /** @param {string} view @param {string} name @param {string} title */
  #viewButton(view, name, title) {
    return h("button", { type: "button", value: view, title, onclick: () => this.#emit("view", view) }, name);
  }

  /** @param {MouseEvent} event */
  #reloadOrStop(event) {
    if (this.#running) this.#emit("stop");
    else this.#emit("reload", { fresh: event.shiftKey });
  }

  /** @param {SubmitEvent} event */
  #navigate(event) {
    event.preventDefault();
    const url = this.#address.value.trim();
    this.#address.blur();
    if (url) this.#emit("navigate", url);
  }

  /** @param {string} type @param {unknown} [detail] */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
