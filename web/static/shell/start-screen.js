/** The start screen: the three worlds, each a contact print with a few prompts that work. */
import { h } from "./dom.js";
import { WORLDS } from "./worlds.js";

/** Fires "world" (detail: World) and "prompt" (detail: {text, world}). */
export class Start extends EventTarget {
  element = h(
    "section",
    { class: "start", part: "start", "aria-label": "Start" },
    h(
      "div",
      { class: "lead" },
      h("h1", {}, "Ask for a page and watch it develop."),
      h("p", {}, "A model writes every page while you look on. Nothing here existed before you asked."),
    ),
    h("ul", { class: "prints" }, ...WORLDS.map(world => this.#print(world))),
  );

  /** @param {typeof WORLDS[number]} world */
  #print({ world, name, about, examples }) {
    const picture = h("img", { src: new URL(`../worlds/${world}.svg`, import.meta.url).href, alt: "", width: 320, height: 200 });
    const pick = h("button", { type: "button", class: "pick", onclick: () => this.#emit("world", world) }, name);
    const prompts = examples.map(text => {
      const ask = h("button", { type: "button", onclick: () => this.#emit("prompt", { text, world }) }, text);
      return h("li", {}, ask);
    });
    return h("li", { class: "print" }, h("figure", {}, picture), h("h2", {}, pick), h("p", {}, about), h("ul", {}, ...prompts));
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
