/**
 * Colours as numbers: contrast as WCAG 2 has it, and lightness, chroma and hue as people see them (OKLCH).
 */

/** @typedef {[red: number, green: number, blue: number]} Rgb each 0 to 255, whole */
/** @typedef {{l: number, c: number, h: number}} Oklch l: 0 to 1; h: radians */

/** What text has to have against what it stands on. */
export const READABLE = 4.5;
/** Steps of lightness in which a readable colour is looked for. */
const STEP = 0.01;

/** @param {Rgb} rgb */
export function hex(rgb) {
  return `#${rgb.map(part => part.toString(16).padStart(2, "0")).join("")}`;
}

/** @param {Rgb} rgb */
function luminance(rgb) {
  const [red, green, blue] = rgb.map(linear);
  return 0.2126 * Number(red) + 0.7152 * Number(green) + 0.0722 * Number(blue);
}

/** @param {Rgb} one @param {Rgb} other @returns {number} 1 to 21 */
export function contrast(one, other) {
  return ratio(luminance(one), luminance(other));
}

/** @param {number} one @param {number} other luminances */
function ratio(one, other) {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** The least contrast that a text has, on several grounds. @param {Rgb} text @param {Rgb[]} grounds */
export function least(text, grounds) {
  return Math.min(...grounds.map(ground => contrast(text, ground)));
}

/**
 * The colour nearest to one that can be read on all grounds: itself, or lighter, or darker, in its own hue.
 * @param {Rgb} colour @param {Rgb[]} grounds @param {number} [enough] contrast
 */
export function readable(colour, grounds, enough = READABLE) {
  const lights = grounds.map(luminance);
  const passes = (/** @type {Rgb} */ tried) => lights.every(light => ratio(luminance(tried), light) >= enough);
  if (passes(colour)) return colour;
  const { l, c, h } = oklch(colour);
  for (let away = STEP; away < 1; away += STEP) {
    for (const lightness of [l - away, l + away]) {
      const tried = lightness < 0 || lightness > 1 ? null : rgb({ l: lightness, c, h });
      if (tried && passes(tried)) return tried;
    }
  }
  return pole(grounds);
}

/** Black or white: what can be read better on all grounds. @param {Rgb[]} grounds @returns {Rgb} */
export function pole(grounds) {
  return least([0, 0, 0], grounds) > least([255, 255, 255], grounds) ? [0, 0, 0] : [255, 255, 255];
}

/** So much of another colour in one. @param {Rgb} one @param {Rgb} other @param {number} share @returns {Rgb} */
export function mix(one, other, share) {
  const [a, b] = [oklab(one), oklab(other)];
  return fromOklab(/** @type {Lab} */ (a.map((part, at) => part + (Number(b[at]) - part) * share))).map(whole);
}

/** @param {Rgb} colour @returns {Oklch} */
export function oklch(colour) {
  const [l, a, b] = oklab(colour);
  return { l, c: Math.hypot(a, b), h: Math.atan2(b, a) };
}

/** The colour of that lightness and hue with as much of the chroma as screens show. @param {Oklch} colour @returns {Rgb} */
export function rgb({ l, c, h }) {
  const at = (/** @type {number} */ chroma) => fromOklab([l, chroma * Math.cos(h), chroma * Math.sin(h)]);
  let [shown, least, most] = [at(c), 0, c];
  if (isShown(shown)) return shown.map(whole);
  shown = at(0);
  for (let halves = 0; halves < 8; halves++) {
    const middle = at((least + most) / 2);
    if (isShown(middle)) [shown, least] = [middle, (least + most) / 2];
    else most = (least + most) / 2;
  }
  return shown.map(whole);
}

/** @param {{every(call: (part: number) => boolean): boolean}} parts */
function isShown(parts) {
  return parts.every(part => part > -0.5 && part < 255.5);
}

/** @typedef {[l: number, a: number, b: number]} Lab */

/** @param {Rgb} colour @returns {Lab} */
function oklab(colour) {
  const [red, green, blue] = /** @type {Lab} */ (colour.map(linear));
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  ];
}

/** @param {Lab} lab @returns {{map(call: (part: number) => number): Rgb, every(call: (part: number) => boolean): boolean}} beyond 0 to 255 where screens do not show it */
function fromOklab([l, a, b]) {
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const parts = [
    4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short,
  ];
  return /** @type {any} */ (parts.map(part => 255 * (part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055)));
}

/** @param {number} part 0 to 255 */
function linear(part) {
  const share = part / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** @param {number} part */
function whole(part) {
  return Math.round(Math.min(255, Math.max(0, part)));
}
