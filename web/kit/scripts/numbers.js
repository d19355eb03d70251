/* for: .chart */
// What the numbers of a chart say. Nothing here knows of a page.

/** The greatest number that is drawn, how many series, how many characters of an item count. */
const [GREATEST, SERIES, ITEM] = [1e15, 8, 80];

/**
 * A number with what is written around it: "12", "Mon 12", "Mon: 12", "12 %", "€12". NaN where there is none.
 * @param {string} text
 */
function item(text) {
  const said = text.slice(0, ITEM).trim();
  if (/^[-+.\d]/.test(said) && !isNaN(Number(said))) return { label: "", value: bounded(Number(said)), before: "", after: "" };
  const number = [...said.matchAll(/-?\d[\d.]*/g)].at(-1);
  const label = said.slice(0, number?.index).trim();
  const before = "€$£¥".includes(label.at(-1) ?? " ") ? label.slice(-1) : "";
  const name = label.slice(0, label.length - before.length).trim();
  const after = said.slice((number?.index ?? 0) + (number?.[0].length ?? 0)).trim();
  return { label: name.endsWith(":") ? name.slice(0, -1) : name, value: bounded(Number(number?.[0])), before, after: number && after.length < 5 ? after : "" };
}

/** @param {number} value */
function bounded(value) {
  return Math.max(-GREATEST, Math.min(GREATEST, value));
}

/**
 * The series of `data-values`: "1,2;3,4", or as JSON spells arrays. Blanks alone part numbers, too.
 * @param {string} text
 */
function seriesOf(text) {
  const series = text.replace(/\]\s*,\s*\[/g, ";").replace(/[[\]"]/g, "").split(";", SERIES);
  return series.map(one => (/[^\d\s.+-]/.test(one) ? one.split(",") : one.trim().split(/\s+/)).map(item));
}

/** @param {string} text */
function words(text) {
  return text ? text.replace(/[[\]"]/g, "").split(",").map(word => word.trim()) : [];
}

/**
 * At most so many stretches of a series, each as the places of its least and its greatest number, so that no peak is lost.
 * @param {{value: number}[]} series @param {number} most @param {boolean} both whether both, or only what is farther from zero
 * @returns {number[]}
 */
function sampled(series, most, both) {
  const stretches = Math.max(1, Math.min(series.length, Math.floor(most)));
  const value = (/** @type {number} */ at) => series[at]?.value ?? NaN;
  return Array.from({ length: stretches }, (_, stretch) => {
    let [low, high] = [-1, -1];
    const end = Math.floor(((stretch + 1) * series.length) / stretches);
    for (let at = Math.floor((stretch * series.length) / stretches); at < end; at++) {
      if (isNaN(value(at))) continue;
      if (low < 0 || value(at) < value(low)) low = at;
      if (high < 0 || value(at) > value(high)) high = at;
    }
    if (low < 0) return [];
    if (!both) return [Math.abs(value(low)) > Math.abs(value(high)) ? low : high];
    return [...new Set([Math.min(low, high), Math.max(low, high)])];
  }).flat();
}

/**
 * Round numbers around what is drawn, evenly apart, about `most` of them.
 * @param {number} low @param {number} high @param {number} most
 */
function ticks(low, high, most) {
  const rough = (high - low || Math.abs(high) || most) / most;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = ten * ([1, 2, 5].find(times => times * ten >= rough) ?? 10);
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step));
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}
