/* for: .chart.pie .chart.donut */
// Parts of a whole, the small ones of many together, with a legend beside them.

const SLICES = 8;

/** @param {Chart} chart */
function pie({ kind, series, label, say, width, height, spark }) {
  const all = (series[0] ?? []).map(({ value }, at) => ({ name: label(at), value: value > 0 ? value : 0 })).filter(({ value }) => value);
  const parts = all.length > SLICES ? [...all.slice(0, SLICES - 1), { name: "…", value: sum(all.slice(SLICES - 1)) }] : all;
  const whole = sum(parts);
  const listed = !spark && width > 180 && parts.some(({ name }) => name);
  const size = Math.min(height, listed ? width * 0.45 : width) - 4;
  const [middle, y] = [listed ? size / 2 + 2 : width / 2, height / 2];
  const thick = kind === "donut" ? size * 0.15 : size / 2;
  const ring = { cx: middle, cy: y, r: (size - thick) / 2, "stroke-width": thick };
  if (!whole) return [shape("circle", { class: "ring", ...ring })];
  let before = 0;
  const slices = parts.map(({ name, value }, which) => {
    const share = (value / whole) * 100;
    const dash = parts.length > 1 ? Math.max(0.2, share - (spark ? 0 : 0.8)) : 100;
    const dashes = {
      pathLength: 100,
      "stroke-dasharray": `${dash} ${100 - dash}`,
      "stroke-dashoffset": String(-before),
      transform: `rotate(-90 ${middle} ${y})`,
    };
    before += share;
    return shape("circle", { ...of(which, "slice"), ...ring, ...dashes }, shape("title", {}, `${name} ${say(value)}`.trim()));
  });
  const font = Math.min(26, (size * 0.85) / say(whole).length);
  const total = kind === "donut" && font > 12 ? [write(middle, y + font * 0.36, say(whole), "total")] : [];
  total[0]?.setAttribute("style", `font-size: ${font}px`);
  return [...slices, ...total, ...(listed ? list(parts, say, size + 28, width, height) : [])];
}

/** @param {{value: number}[]} parts */
function sum(parts) {
  return parts.reduce((all, { value }) => all + value, 0);
}

/** @param {{name: string, value: number}[]} parts @param {(value: number) => string} say @param {number} x @param {number} width @param {number} height */
function list(parts, say, x, width, height) {
  const figures = wide(parts.map(({ value }) => say(value)));
  const names = Math.min(wide(parts.map(({ name }) => name)), width - x - figures - 34);
  const line = Math.min(26, height / parts.length);
  return parts.flatMap(({ name, value }, which) => {
    const y = height / 2 + (which - (parts.length - 1) / 2) * line;
    return [
      shape("circle", { ...of(which), cx: x + 5, cy: y, r: 4.5 }),
      write(x + 16, y + 4, fitting(name, names), "start"),
      write(x + 34 + names + figures, y + 4, say(value), "value end"),
    ];
  });
}

KINDS.pie = KINDS.donut = { draw: pie };
