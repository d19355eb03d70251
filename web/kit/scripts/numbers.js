/* for: .chart */
// What the numbers of a chart say. Nothing here knows of a page.

/** A label, a sign of money, the last number, a unit: "12", "Mon 12", "Mon: 12", "12 %", "Rent €12". */
const ITEM = /^(.*?):?\s*([€$£¥]?)([-+]?(?:\d[\d.]*|\.\d+)(?:e[-+]?\d+)?)\s*(\D*)$/;

/**
 * A number with what is written around it; NaN where there is none. The first 80 characters count.
 * @param {string} text
 */
const item = text => {
  text = text.slice(0, 80).trim();
  const [, label = text, before = "", number, after = ""] = ITEM.exec(text) ?? [];
  return { label, value: Math.max(-1e15, Math.min(1e15, Number(number))), before, after: after[4] ? "" : after };
};

/** Words apart by commas, or as JSON spells them. @param {string} text */
const words = text => text.replace(/[[\]"]/g, "").split(",").map(word => word.trim());

/**
 * The series of `data-values`, eight at most: "1,2;3,4", or as JSON spells arrays. Blanks alone part numbers, too.
 * @param {string} text
 */
const seriesOf = text =>
  text.replace(/]\s*,\s*\[/g, ";").split(";", 8).map(one => words(/[^\d\s.+-]/.test(one) ? one : one.trim().replace(/\s+/g, ",")).map(item));

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
