/**
 * The colours of a page from the few that a host gives: each of the kit's own names for a colour, so that text can be read on
 * whatever it may stand on, however unfortunate the host's choice is. What is readable as it was given stays as it was given.
 * @import { Rgb } from "./colour.js"
 */
import { contrast, hex, least, mix, oklch, pole, readable, READABLE, rgb } from "./colour.js";

/** @typedef {{accent?: Rgb | null, ground?: Rgb | null, paper?: Rgb | null, ink?: Rgb | null}} Given */

/** @type {Rgb} */
const WHITE = [255, 255, 255];
/** @type {Rgb} */
const NIGHT = [17, 19, 24];
/** Hues that say something, whatever the accent: radians, with the chroma they have. @type {Record<string, [hue: number, chroma: number]>} */
const SIGNALS = { good: [2.65, 0.14], warn: [1.25, 0.13], bad: [0.46, 0.19] };
/** What a button must have against its ground to be seen at all; text on it is readable in any case. */
const SEEN = 1.2;
/** Lightness between which an accent is seen on the kit's own grounds, light and dark. */
const [DARKEST, LIGHTEST] = [0.3, 0.92];

/**
 * Colours by the kit's names, as #rrggbb, and `scheme`, light or dark. With an accent alone the grounds and the ink stay the
 * kit's; without an accent what has one in a page keeps that of the page's palette, but for links, which have the ink's.
 * @param {Given} given @returns {Record<string, string>}
 */
export function colours({ accent, ground, paper, ink }) {
  if (!ground && !paper && !ink) return accent ? spelled(accented(accent)) : {};
  const under = ground ?? paper ?? (least(/** @type {Rgb} */ (ink), [WHITE]) >= READABLE ? WHITE : NIGHT);
  const all = grounds(under, paper ?? null, accent ?? null);
  const backs = [under, all.paper, all.sunken, all.tint];
  const text = readable(ink ?? soft(accent ?? under, isDark(under) ? 0.94 : 0.24), backs);
  const lines = { rule: mix(all.paper, text, 0.16), field: readable(mix(all.paper, text, 0.45), [under, all.paper], 3) };
  const quiet = readable(mix(text, under, 0.28), backs);
  const link = accent ? readable(accent, backs) : text;
  const fill = accent ? filled(accent, [under, all.paper], text) : {};
  const said = { ...all, ...lines, ink: text, quiet, link, ...signals(backs), ...(accent && { accent }), ...fill };
  return { ...spelled(said), scheme: isDark(under) ? "dark" : "light" };
}

/** @param {Rgb} accent @returns {Record<string, Rgb>} */
function accented(accent) {
  const { l } = oklch(accent);
  return l < DARKEST || l > LIGHTEST ? { accent } : { accent, fill: accent, "on-fill": over(accent) };
}

/** What text may stand on: on all of them the same text can be read. @param {Rgb} ground @param {Rgb | null} paper @param {Rgb | null} accent */
function grounds(ground, paper, accent) {
  const dark = isDark(ground);
  const bears = (/** @type {Rgb} */ colour) => least(pole([ground]), [colour]) >= READABLE;
  const first = (/** @type {(Rgb | null)[]} */ ...tried) => tried.find(colour => colour && bears(colour)) ?? ground;
  const { l, c, h } = oklch(ground);
  const raised = dark ? rgb({ l: l + 0.04, c, h }) : mix(ground, WHITE, 0.7);
  const card = first(paper, raised);
  const deeper = oklch(card);
  const sunken = first(rgb({ ...deeper, l: deeper.l + (dark ? 0.045 : -0.035) }), card);
  const tint = accent ? mix(card, accent, dark ? 0.24 : 0.14) : sunken;
  return { ground, paper: card, sunken, tint: first(tint, sunken) };
}

/** What buttons are made of. @param {Rgb} accent @param {Rgb[]} backs @param {Rgb} ink */
function filled(accent, backs, ink) {
  const fill = least(accent, backs) >= SEEN ? accent : readable(mix(accent, ink, 0.3), backs, SEEN);
  return { fill, "on-fill": over(fill) };
}

/** White where it can be read, else black. @param {Rgb} colour */
function over(colour) {
  return contrast(WHITE, colour) >= READABLE ? WHITE : pole([colour]);
}

/** @param {Rgb[]} backs */
function signals(backs) {
  const dark = isDark(/** @type {Rgb} */ (backs[0]));
  const said = Object.entries(SIGNALS).map(([name, [h, c]]) => {
    const colour = rgb({ l: dark ? 0.8 : 0.5, c, h });
    const badges = [...backs, mix(/** @type {Rgb} */ (backs[1]), colour, 0.16)];
    return [name, least(pole(badges), badges) >= READABLE ? readable(colour, badges) : readable(colour, backs)];
  });
  const { bad, ...rest } = Object.fromEntries(said);
  return { ...rest, bad, "on-bad": over(bad) };
}

/** A colour of that lightness with a breath of another's hue. @param {Rgb} other @param {number} l */
function soft(other, l) {
  const { c, h } = oklch(other);
  return rgb({ l, c: Math.min(0.03, c * 0.15), h });
}

/** @param {Rgb} ground */
function isDark(ground) {
  return contrast(WHITE, ground) >= contrast([0, 0, 0], ground);
}

/** @param {Record<string, Rgb>} named @returns {Record<string, string>} */
function spelled(named) {
  return Object.fromEntries(Object.entries(named).map(([name, colour]) => [name, hex(colour)]));
}
