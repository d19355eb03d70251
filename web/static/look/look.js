/**
 * What the app around the shell looks like, as far as pages may know of it: custom properties of the element (`--kit-accent`,
 * `--kit-ground`, `--kit-paper`, `--kit-ink`, `--kit-font`, `--kit-title-font`, `--kit-round`, `--kit-density`, `--kit-size`), read
 * as values. No text of the host's goes on from here: colours become three numbers, lengths one, fonts names out of a list.
 * @import { Rgb } from "./colour.js"
 */
import "../frame/look.js";
import { h } from "../shell/dom.js";
import { fetched, properties } from "./sheet.js";
import { colours } from "./surfaces.js";

/** @typedef {Record<string, string>} Values by the kit's names */

const { fonts, lengths } = /** @type {NonNullable<Window["silverprintLook"]>} */ (self.silverprintLook);
delete self.silverprintLook;
const FONTS = new Map(fonts.map(name => [plain(name), name]));
/** Characters of a property that are read. */
const LONGEST = 400;
/** What hosts set to change their theme, on any element around. */
const THEMES = ["class", "style", "theme", "tone", "data-theme", "data-mode", "data-color-scheme", "data-bs-theme"];

/** A look as it stands in the address of a page; "" for none. @param {Values} values */
export function encoded(values) {
  if (!Object.keys(values).length) return "";
  return btoa(JSON.stringify(values))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/={1,2}$/, "");
}

export class Look {
  /** Whose style is read: it inherits from the shell, and shows nothing. */
  element = h("i", { hidden: true, "aria-hidden": "true" });
  /** @type {HTMLElement} */ #shell;
  /** @type {(values: Values) => void} */ #apply;
  /** @type {CSSStyleSheet | null} */ #sheet = null;
  #said = "{}";
  #address = "";
  /** @type {OffscreenCanvasRenderingContext2D | null} */ #canvas = null;

  /** @param {HTMLElement} shell @param {(values: Values) => void} apply called with each look that is another than before */
  constructor(shell, apply) {
    this.#shell = shell;
    this.#apply = apply;
  }

  /** Read now, and whenever the host may have changed, until a signal. @param {AbortSignal} signal */
  follow(signal) {
    const refresh = () => this.refresh();
    const observer = new MutationObserver(refresh);
    for (const element of around(this.#shell)) observer.observe(element, { attributes: true, attributeFilter: THEMES });
    signal.addEventListener("abort", () => observer.disconnect());
    for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"])
      matchMedia(query).addEventListener("change", refresh, { signal });
    addEventListener("load", refresh, { signal });
    this.refresh();
  }

  /** Take the properties of a style sheet, too, or of none. @param {string} address */
  async take(address) {
    if (address === this.#address) return;
    this.#address = address;
    const forget = () => (this.#address = this.#address === address ? "" : this.#address);
    const sheet = address ? await fetched(address).catch(error => (forget(), Promise.reject(error))) : null;
    if (address !== this.#address) return;
    this.#sheet = sheet;
    this.refresh();
  }

  /** Read once more. */
  refresh() {
    if (!this.element.isConnected) return;
    const values = this.#read();
    const said = JSON.stringify(values);
    if (said === this.#said) return;
    this.#said = said;
    this.#apply(values);
  }

  /** @returns {Values} */
  #read() {
    this.element.style.cssText = "transition: none; animation: none";
    for (const [name, value] of this.#sheet ? properties(this.#sheet, this.#shell) : []) this.element.style.setProperty(name, value);
    const ground = this.#colour("ground", null);
    const paper = this.#colour("paper", ground);
    const over = paper ?? ground;
    const accent = this.#colour("accent", over);
    const ink = this.#colour("ink", over);
    const text = this.#fonts("font");
    const display = this.#fonts("title-font") || text;
    const round = this.#length("round", "border-top-left-radius", "px");
    const size = this.#length("size", "font-size", "px");
    const gap = this.#length("density", "flex-grow", "", "gap");
    const rest = Object.entries({ text, display, round, gap, size }).filter(([, value]) => value);
    return { ...colours({ accent, ground, paper, ink }), ...Object.fromEntries(rest) };
  }

  /** What a property of the host's comes to as one of CSS; "" if it is none. @param {string} name @param {string} property */
  #computed(name, property) {
    const said = getComputedStyle(this.element).getPropertyValue(`--kit-${name}`).trim();
    if (!said || said.length > LONGEST || !CSS.supports(property, said)) return "";
    this.element.style.setProperty(property, said);
    const computed = getComputedStyle(this.element).getPropertyValue(property);
    this.element.style.removeProperty(property);
    return computed;
  }

  /** A colour as a screen shows it, on what lies under it if one can see through. @param {string} name @param {Rgb | null} under @returns {Rgb | null} */
  #colour(name, under) {
    const computed = this.#computed(name, "color");
    if (!computed) return null;
    this.#canvas ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    if (!this.#canvas) return null;
    for (const colour of [`rgb(${(under ?? [255, 255, 255]).join(" ")})`, computed]) {
      this.#canvas.fillStyle = colour;
      this.#canvas.fillRect(0, 0, 1, 1);
    }
    const [red = 0, green = 0, blue = 0] = this.#canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue];
  }

  /** A length or a number within what pages can bear. @param {string} name @param {string} property @param {string} unit that it is computed in @param {string} [as] the kit's name */
  #length(name, property, unit, as = name) {
    const [, number, found] = /^([0-9]{1,9}(?:\.[0-9]{1,9})?)([a-z%]{0,4})$/.exec(this.#computed(name, property)) ?? [];
    const [spelled, least, most] = lengths[as] ?? ["", 0, 0];
    if (found !== unit) return "";
    return `${Number(Math.min(most, Math.max(least, Number(number))).toFixed(2))}${spelled}`;
  }

  /** The families of a list that pages may name, and one that stands for any. @param {string} name */
  #fonts(name) {
    const families = this.#computed(name, "font-family").match(/"[^"]*"|'[^']*'|[^,]+/g) ?? [];
    const known = families.map(family => FONTS.get(plain(family))).filter(family => family !== undefined);
    if (!known.length) return "";
    const few = known.slice(0, 8);
    return (/^[a-z-]/.test(few.at(-1) ?? "") ? few : [...few, "sans-serif"]).join(", ");
  }
}

/** A family without quotes, in small letters. @param {string} family */
function plain(family) {
  return family.replace(/["']/g, "").trim().toLowerCase();
}

/** An element and all that it stands in, out of shadow trees, too. @param {Element} element @returns {Generator<Element>} */
function* around(element) {
  /** @type {Element | null} */
  let at = element;
  while (at) {
    yield at;
    const root = /** @type {Node} */ (at.parentNode ?? at.getRootNode());
    at = at.assignedSlot ?? at.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
  }
}
