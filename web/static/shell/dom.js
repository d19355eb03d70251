/** Elements without markup strings: nothing the shell shows is ever parsed as HTML. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. Properties named on… listen; true, false and null set or leave out an attribute.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number | boolean | null | ((event: any) => void)>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/** A line icon on a grid of 24. @param {string} path */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  redraw(svg, path);
  return svg;
}

/** @param {SVGSVGElement} svg @param {string} path */
export function redraw(svg, path) {
  svg.firstElementChild?.setAttribute("d", path);
}

/** Listen to the events of a part, which carry all they have to say in `detail`. @param {EventTarget} part @param {Record<string, (detail: any) => void>} handlers */
export function on(part, handlers) {
  for (const [type, handle] of Object.entries(handlers)) {
    part.addEventListener(type, event => handle(/** @type {CustomEvent} */ (event).detail));
  }
}
