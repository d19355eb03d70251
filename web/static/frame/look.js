"use strict";
// What of a host's look may reach a page, and how it is spelled there: values alone, each of its own narrow kind. Frames check
// with this what the shell sends them, and the shell what it has read; the service does the same with what stands in an address
// (backend/kit/host_look.py, which a test compares with this). Nothing but these characters in these places becomes part of a style sheet.
(() => {
  const COLOURS = "accent ground paper sunken ink quiet rule field tint link fill on-fill good warn bad on-bad".split(" ");
  /** Unit, least and most. @type {Record<string, [string, number, number]>} */
  const LENGTHS = { round: ["px", 0, 32], gap: ["rem", 0.5, 1.8], size: ["px", 12, 24] };
  /** Families that a system brings, and what stands for any; none is loaded. */
  const FONTS = [
    ..."serif sans-serif monospace system-ui ui-serif ui-sans-serif ui-monospace ui-rounded -apple-system Arial".split(" "),
    ..."Avenir Baskerville Calibri Cambria Candara Cantarell Charter Consolas Courier Didot Futura Garamond Geneva Georgia".split(" "),
    ..."Helvetica Impact Inter Menlo Monaco Optima Palatino Roboto Rockwell Seravek Superclarendon Tahoma Times Ubuntu Verdana".split(" "),
    ...`Arial Black,Arial Narrow,Arial Rounded MT Bold,Avenir Next,Bahnschrift,Book Antiqua,Cascadia Code,Cascadia Mono,Century Gothic,Constantia,Corbel,
      Courier New,DejaVu Sans,DejaVu Sans Mono,DejaVu Serif,Franklin Gothic Medium,Gill Sans,Gill Sans MT,Helvetica Neue,Hoefler Text,Iowan Old Style,Liberation Mono,
      Liberation Sans,Liberation Sans Narrow,Liberation Serif,Lucida Grande,Noto Sans,Noto Sans Mono,Noto Serif,Palatino Linotype,SF Mono,SF Pro Display,SF Pro Text,
      Segoe UI,Segoe UI Variable,Sitka Text,Times New Roman,Trebuchet MS,URW Gothic,URW Palladio L`
      .split(",")
      .map(name => `"${name.trim()}"`),
  ];
  /** The design glass has a wash of light, in which a host's ink must be readable. */
  const WASH =
    ":where(html.glass){background-image:radial-gradient(60rem 40rem at 12% -5%,var(--tint),transparent 65%)," +
    "radial-gradient(50rem 45rem at 100% 10%,var(--sunken),transparent 60%)}";
  /** What shadows are made of. @type {Record<string, string>} */
  const SCHEMES = { light: "220 20% 15%", dark: "220 40% 3%" };

  /** @param {string} name @param {string} value */
  function isLength(name, value) {
    const [unit, least, most] = LENGTHS[name] ?? ["", 1, 0];
    const [, number, suffix] = /^([0-9]{1,2}(?:\.[0-9]{1,2})?)(px|rem)$/.exec(value) ?? [];
    return suffix === unit && Number(number) >= least && Number(number) <= most;
  }

  /** @param {string} value */
  function areFonts(value) {
    const names = value.length <= 400 ? value.split(", ") : [];
    return names.length > 0 && names.every(name => FONTS.includes(name));
  }

  /**
   * A look as rules of a style sheet, in a layer above the kit's and beneath the page's own; "" if nothing of it may pass.
   * Colours are for screens: on paper a dark host's text would be light on white.
   * @param {unknown} look names and values
   */
  function rules(look) {
    const said = /** @type {Record<string, unknown>} */ (look !== null && typeof look === "object" ? look : {});
    const value = (/** @type {string} */ name) => (Object.hasOwn(said, name) && typeof said[name] === "string" ? said[name] : "");
    let colours = "";
    for (const name of COLOURS) if (/^#[0-9a-f]{6}$/.test(value(name))) colours += `--${name}:${value(name)};`;
    const scheme = value("scheme");
    if (Object.hasOwn(SCHEMES, scheme)) colours += `color-scheme:${scheme};--shade:${SCHEMES[scheme]};`;
    let rest = "";
    for (const name of Object.keys(LENGTHS)) if (isLength(name, value(name))) rest += `--${name}:${value(name)};`;
    if (areFonts(value("text"))) rest += `--text:${value("text")};--sans:${value("text")};`;
    if (areFonts(value("display"))) rest += `--display:${value("display")};`;
    const screen = colours && `@media screen{:where(html[class]){${colours}}${colours.includes("--ground:") ? WASH : ""}}`;
    return colours || rest ? `@layer kit,host;@layer host{:where(html[class]){${rest}}${screen}}` : "";
  }

  self.silverprintLook = Object.freeze({ rules, fonts: FONTS, lengths: LENGTHS });
})();
