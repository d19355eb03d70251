/* for: .chart */
// Bars, lines and areas over a scale.

/** How wide a character of a label is, about. px */
const CHAR = 7;

/** @param {Chart} chart */
function plot(chart) {
  const { kind, series, names, spark, say } = chart;
  const bars = kind === "bar";
  const count = Math.max(...series.map(one => one.length));
  const most = chart.width / (bars ? 3 * series.length : 1);
  const places = series.map(one => sampled(one, most, !bars));
  const values = places.flatMap((all, which) => all.map(at => series[which]?.[at]?.value ?? 0));
  // Bars that have the room say their values and need no scale.
  const plain = bars && series.length < 2 && !spark && count < 40 && chart.width / count > CHAR * longest(values.map(say)) + 4;
  const scale = scaleOf(values, bars || kind === "area", spark || plain);
  const top = legend(chart, names);
  const left = spark || plain ? 0 : CHAR * longest(scale.map(say)) + 8;
  const [low, high] = [scale[0] ?? 0, scale.at(-1) ?? 1];
  const named = !spark && labelsOf(chart, count).some(Boolean);
  const foot = spark ? 2 : (named ? 26 : 8) + (plain && low < 0 ? 14 : 0);
  const height = chart.height - top.height - (spark ? 2 : plain ? 20 : 8) - foot;
  const room = { left, slot: (chart.width - left) / count, base: chart.height - foot, count };
  const y = (/** @type {number} */ value) => room.base - ((value - low) / (high - low)) * height;
  const x = (/** @type {number} */ at) => (bars ? left + (at + 0.5) * room.slot : count < 2 ? (left + chart.width) / 2 : left + 5 + (at / (count - 1)) * (chart.width - left - 10));
  const shown = series.flatMap((one, which) => {
    const points = (places[which] ?? []).map(at => ({ at, x: x(at), y: y(one[at]?.value ?? 0), value: one[at]?.value ?? 0 }));
    return bars ? columns(chart, room, points, which, y(0), plain, most) : curve(chart, room, points, which, y(0));
  });
  return [...(spark ? [] : grid(chart, plain ? [0] : scale, left, y)), ...shown, ...top.shapes, ...(named ? below(chart, room, x) : [])];
}

/** @param {string[]} texts */
function longest(texts) {
  return Math.max(0, ...texts.map(text => text.length));
}

/** @param {number[]} values @param {boolean} fromZero @param {boolean} tight as far as the values go, and no round number further */
function scaleOf(values, fromZero, tight) {
  let [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 0];
  if (fromZero || (!tight && low > 0 && low < high / 2)) low = Math.min(low, 0);
  if (fromZero) high = Math.max(high, 0);
  if (!tight) return ticks(low, high, 5);
  return low === high ? (fromZero ? [0, 1] : [low - 1, high + 1]) : [low, high];
}

/** @param {Chart} chart @param {number[]} scale @param {number} left @param {(value: number) => number} y */
function grid({ width, say }, scale, left, y) {
  return scale.flatMap(value => {
    const at = Math.round(y(value)) + 0.5;
    const line = shape("line", { class: value ? "grid" : "zero", x1: left, x2: width, y1: at, y2: at });
    return left ? [line, shape("text", { x: left - 8, y: at + 4, "text-anchor": "end" }, say(value))] : [line];
  });
}

/**
 * @param {Chart} chart @param {Room} room @param {Point[]} points @param {number} which @param {number} zero @param {boolean} plain @param {number} most
 */
function columns({ series, label, say, corner, spark }, { slot }, points, which, zero, plain, most) {
  const all = Math.max(slot > 3 ? Math.min(slot * (spark ? 0.8 : 0.66), 56 * series.length) : 2, slot / most);
  const wide = Math.max(1, all / series.length - (series.length > 1 ? 2 : 0));
  return points.flatMap(({ at, x, y, value }) => {
    const from = x - all / 2 + (which * all) / series.length;
    const tip = shape("title", {}, `${label(at)} ${say(value)}`.trim());
    const bar = shape("path", { class: `c${which}`, d: column(from, wide, zero, y, Math.min(spark ? 1 : corner, wide / 3)) }, tip);
    if (!plain) return [bar];
    return [bar, shape("text", { class: "value", x, y: y + (value < 0 ? 15 : -6), "text-anchor": "middle" }, say(value))];
  });
}

/** A bar that is round where it ends. @param {number} x @param {number} wide @param {number} zero @param {number} y @param {number} corner */
function column(x, wide, zero, y, corner) {
  const end = Math.abs(zero - y) < 1 && zero !== y ? zero - Math.sign(zero - y) : y;
  const r = Math.min(corner, Math.abs(zero - end)) * Math.sign(zero - end);
  const [a, b] = [Math.abs(r), wide - 2 * Math.abs(r)];
  return [`M${x} ${zero}V${end + r}q0 ${-r} ${a} ${-r}h${b}q${a} 0 ${a} ${r}V${zero}z`].join("").replace(/\d+\.\d+/g, number => Number(number).toFixed(1));
}

/** @param {Chart} chart @param {Room} room @param {Point[]} points @param {number} which @param {number} zero */
function curve({ kind, label, say, spark }, { slot }, points, which, zero) {
  const path = points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return [];
  const area = kind === "area" ? [shape("path", { class: `area c${which}`, d: `M${path}V${zero}H${first.x}z` })] : [];
  const dotted = spark || slot < 24 ? [last] : points;
  const dots = dotted.map(({ at, x, y, value }) => shape("circle", { class: `dot c${which}`, cx: x, cy: y, r: spark ? 2 : 3.5 }, shape("title", {}, `${label(at)} ${say(value)}`.trim())));
  return [...area, shape("path", { class: `line c${which}`, d: `M${path}` }), ...dots];
}

/** The first labels; those of more are not looked at. @param {Chart} chart @param {number} count */
function labelsOf({ label }, count) {
  return Array.from({ length: Math.min(count, 500) }, (_, at) => label(at));
}

/** The labels under a plot: all if they fit or are few, else every second, third, ... @param {Chart} chart @param {Room} room @param {(at: number) => number} x */
function below(chart, { slot, count, left }, x) {
  const { kind, width, height, label } = chart;
  const bars = kind === "bar";
  const step = count <= 7 ? 1 : Math.ceil((CHAR * longest(labelsOf(chart, count)) * (bars ? 1 : 1.5) + 8) / slot);
  return Array.from({ length: Math.ceil(count / step) }, (_, nth) => {
    const at = nth * step;
    const text = step > 1 ? label(at) : fitting(label(at), bars ? slot - 4 : slot * 0.75);
    const half = (text.length * CHAR) / 2;
    const anchor = bars ? "middle" : x(at) - half < left - 30 ? "start" : x(at) + half > width ? "end" : "middle";
    return shape("text", { x: x(at), y: height - 6, "text-anchor": anchor }, text);
  });
}

/** The names of several series, in as many lines as they need. @param {Chart} chart @param {string[]} names */
function legend({ width, spark }, names) {
  let [x, y] = [0, 12];
  const shapes = (spark ? [] : names).slice(0, SERIES).flatMap((name, which) => {
    const wide = name.length * CHAR + 34;
    if (x && x + wide > width) [x, y] = [0, y + 20];
    const at = x;
    x += wide;
    return [shape("circle", { class: `c${which}`, cx: at + 5, cy: y - 4, r: 4.5 }), shape("text", { x: at + 16, y }, name)];
  });
  return { shapes, height: shapes.length ? y + 8 : 0 };
}

Object.assign(KINDS, { bar: plot, line: plot, area: plot });
