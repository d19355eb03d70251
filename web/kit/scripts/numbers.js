/* for: .chart */
// What the numbers of a chart say. Nothing here knows of a page.

/**
 * A number with what is written around it, of several the last; NaN where there is none: "12", "Mon: 12", "12 %", "Rent €12".
 * @param {string} text of which the first 80 characters count
 */
const item = text => {
  text = text.slice(0, 80).trim();
  const number = [...text.matchAll(/[-+]?\.?\d[\d.]*(?:e[-+]?\d+)?/g)].at(-1);
  const label = text.slice(0, number?.index).trim();
  const before = /[€$£¥]$/.exec(label)?.[0] ?? "";
  const after = number ? text.slice(number.index + number[0].length).trim() : "";
  return {
    label: label
      .slice(0, label.length - before.length)
      .trim()
      .replace(/:$/, ""),
    value: Math.max(-1e15, Math.min(1e15, Number(number?.[0]))),
    before,
    after: after[4] ? "" : after,
  };
};

/** Words apart by commas, or as JSON spells them. @param {string} text */
const words = text =>
  text
    .replace(/[[\]"]/g, "")
    .split(",")
    .map(word => word.trim());

/**
 * The series of `data-values`, eight at most: "1,2;3,4", or as JSON spells arrays. Blanks alone part numbers, too.
 * @param {string} text
 */
const seriesOf = text =>
  text
    .replace(/]\s*,\s*\[/g, ";")
    .split(";", 8)
    .map(one => words(/[^\d\s.+-]/.test(one) ? one : one.trim().replace(/\s+/g, ",")).map(item));

/**
 * Round numbers around what is drawn, evenly apart, about `most` of them.
 * @param {number} low @param {number} high @param {number} most @returns {number[]}
 */
const ticks = (low, high, most) => {
  const rough = (high - low || Math.abs(high) || most) / most;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = ten * ([1, 2, 5].find(times => times * ten >= rough) ?? 10);
  const found = [];
  for (let at = Math.floor(low / step); found.length < 2 || (at - 1) * step < high; at++) found.push(Number((at * step).toPrecision(12)));
  return found;
};
