/* for: .chart.line .chart.area .chart.spark */
// Lines and areas over a scale.

/**
 * At most so many stretches of a series, each as the places of its least and its greatest number, so that no peak is lost.
 * @param {{value: number}[]} series @param {number} most
 */
const sampled = (series, most) => {
  const stretches = Math.max(1, Math.min(series.length, Math.floor(most)));
  return Array.from({ length: stretches }, (_, stretch) => {
    const [from, to] = [stretch, stretch + 1].map(edge => Math.floor((edge * series.length) / stretches));
    const points = series
      .slice(from, to)
      .map(({ value }, at) => ({ at: at + Number(from), value }))
      .filter(({ value }) => !isNaN(value));
    const high = points.reduce((one, other) => (other.value > one.value ? other : one), points[0] ?? { at: -1, value: NaN });
    const low = points.reduce((one, other) => (other.value < one.value ? other : one), high);
    return points[0] ? (low === high ? [low] : [low, high].sort((one, other) => one.at - other.at)) : [];
  }).flat();
};

/** From where to where the scale goes: areas stand on zero, and so do lines that are not far above. @param {number[]} values @param {boolean} spark @param {string} kind */
const ends = (values, spark, kind) => {
  let [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 0];
  if (kind === "area") [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  else if (!spark && low > 0 && low < high / 2) low = 0;
  return spark && low === high && kind !== "area" ? [low - 1, high + 1] : [low, high];
};

/** @param {number} at @param {number} count @param {number} left @param {number} width */
const spread = (at, count, left, width) => (count < 2 ? (left + width) / 2 : left + 5 + (at / (count - 1)) * (width - left - 10));

/** Where a label stands that would leave the drawing if it stood in the middle. @param {number} x @param {string} said @param {number} left @param {number} width */
const anchor = (x, said, left, width) => (x - said.length * 3.5 < left - 30 ? "start" : x + said.length * 3.5 > width ? "end" : "");

/** @param {Chart} chart @param {Point[]} shown @param {number} which @param {(at: number) => number} x @param {(value: number) => number} y @param {number} slot */
const curve = ({ kind, label, say, spark }, shown, which, x, y, slot) => {
  const path = shown.map(({ at, value }) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("L");
  const [first, last] = [shown[0], shown.at(-1)];
  if (!first || !last) return [];
  const area = kind === "area" ? [shape("path", { ...of(which, "area"), d: `M${path}V${y(0)}H${x(first.at)}z` })] : [];
  const dots = (spark || slot < 24 ? [last] : shown).map(({ at, value }) =>
    shape(
      "circle",
      { ...of(which, "dot"), cx: x(at), cy: y(value), r: spark ? 2 : 3.5 },
      shape("title", {}, `${label(at)} ${say(value)}`.trim()),
    ),
  );
  return [...area, shape("path", { ...of(which, "line"), d: `M${path}` }), ...dots];
};

KINDS.line = KINDS.area = { sampled, ends, x: spread, anchor, curve };
