/* for: .chart */
// Bars, and the scale and the labels of all that stands over one.

/** @param {Chart} chart */
const plot = chart => {
  const { series, spark, width, height, label, say, round } = chart;
  const curve = KINDS[chart.kind];
  const many = series.length;
  const count = Math.max(...series.map(one => one.length));
  /** @type {Point[][]} */
  const shown = series.map(one => (curve?.sampled ?? greatest)(one, curve ? width : width / 3 / many));
  const values = shown.flat().map(({ value }) => value);
  // Bars that have the room say their values and need no scale.
  const plain = !curve && !spark && many < 2 && count < 40 && width / count > wide(values.map(say)) + 4;
  const [low, high] = curve?.ends(values, spark, chart.kind) ?? [Math.min(0, ...values), Math.max(0, ...values)];
  const scale = spark || plain ? [low, high > low ? high : low + 1] : ticks(low, high, 5);
  const [least = 0, most = 1] = [scale[0], scale.at(-1)];
  const [names, above] = legend(chart);
  const labels = Array.from({ length: spark ? 0 : Math.min(count, 500) }, (_, at) => label(at));
  const left = spark || plain ? 0 : wide(scale.map(say)) + 8;
  const slot = (width - left) / count;
  const base = height - (spark ? 2 : labels.some(Boolean) ? 26 : 8) - (plain && low < 0 ? 14 : 0);
  /** @param {number} value */
  const y = value => base - ((value - least) / (most - least)) * (base - above - (spark ? 2 : plain ? 20 : 8));
  /** @param {number} at */
  const x = at => curve?.x(at, count, left, width) ?? left + (at + 0.5) * slot;
  const all = Math.max(2, Math.min(slot * (spark ? 0.8 : 0.66), 56 * many));
  const step = count < 8 ? 1 : Math.ceil((wide(labels) * (curve ? 1.5 : 1) + 8) / slot);
  return [
    ...(spark ? [] : plain ? [0] : scale).flatMap(value => [
      shape("line", {
        class: value ? "grid" : "zero",
        x1: left,
        x2: width,
        y1: Math.round(y(value)) + 0.5,
        y2: Math.round(y(value)) + 0.5,
      }),
      left ? write(left - 8, y(value) + 4, say(value), "end") : "",
    ]),
    ...shown.flatMap(
      (points, which) =>
        curve?.curve(chart, points, which, x, y, slot) ??
        points.flatMap(({ at, value }) => {
          const each = all / many - (many > 1 ? 2 : 0);
          const r = Math.min(spark ? 1 : round, each / 3, Math.abs(y(0) - y(value)));
          const turn = value < 0 ? -r : r;
          const d = `M${x(at) - all / 2 + (which * all) / many} ${y(0)}V${y(value) + turn}q0 ${-turn} ${r} ${-turn}h${Math.max(1, each) - 2 * r}q${r} 0 ${r} ${turn}V${y(0)}z`;
          return [
            shape("path", { ...of(which), d }, shape("title", {}, `${label(at)} ${say(value)}`)),
            plain ? write(x(at), y(value) + (value < 0 ? 15 : -6), say(value), "value") : "",
          ];
        }),
    ),
    ...names,
    ...labels.flatMap((said, at) =>
      at % step ? [] : write(x(at), height - 6, step > 1 ? said : fitting(said, slot - 4), curve?.anchor(x(at), said, left, width) ?? ""),
    ),
  ];
};

/** The greatest of so many stretches of a series, which no peak escapes. @param {Chart["series"][0]} series @param {number} most */
const greatest = (series, most) => {
  /** @type {Point[]} */
  const found = [];
  const step = Math.ceil(series.length / most);
  series.forEach(({ value }, at) => {
    const stretch = Math.floor(at / step);
    if (!isNaN(value) && !(Math.abs(found[stretch]?.value ?? NaN) >= Math.abs(value))) found[stretch] = { at, value };
  });
  return found.filter(Boolean);
};
