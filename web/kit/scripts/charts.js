/* for: .chart */
// <div class="chart bar" data-values="12,19,8" data-labels="Mon,Tue,Wed"> shows its numbers, now and when they change. Only charts in
// view are drawn, at most once a frame. What draws lines, parts and names comes with the pages that have them.

/** What a chart may be, and what draws all but bars. @type {Record<string, any>} */
const KINDS = { bar: null };
/** The names of several series and the room that they take over a plot (legend.js). @type {(chart: Chart) => [Element[], number]} */
let legend = () => [[], 0];
/** The drawing of each chart. It knows what it showed last. @type {WeakMap<Element, any>} */
const drawn = new WeakMap();
const near = new WeakSet();
let due = 0;

const soon = () => (due ||= requestAnimationFrame(() => refresh(near)));

/** @param {{has(host: Element): boolean}} which charts are drawn */
const refresh = which => {
  due = 0;
  for (const host of document.querySelectorAll(".chart[data-values]:not(canvas, svg)")) {
    if (!drawn.has(host)) {
      drawn.set(host, shape("svg", { role: "img" }));
      views.observe(host);
      sizes.observe(host);
    }
    if (which.has(host)) draw(host);
  }
};

const sizes = new ResizeObserver(soon);
const views = new IntersectionObserver(
  seen => {
    for (const { target, isIntersecting } of seen) near[isIntersecting ? "add" : "delete"](target);
    soon();
  },
  { rootMargin: "300px" },
);

/** @param {string} name @param {Record<string, any>} attributes @param {(Element | string)[]} within */
const shape = (name, attributes, ...within) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  made.append(...within);
  return made;
};

/** The class and the colour of what shows a series. @param {number} which @param {string} [kind] */
const of = (which, kind = "") => ({ class: `${kind} c${which}`, style: `--c: var(--c${which})` });

/** @param {number} x @param {number} y @param {string} said @param {string} kind */
const write = (x, y, said, kind) => shape("text", { x, y, class: kind }, said);

/** How wide the longest of several texts is, about. px @param {string[]} texts */
const wide = texts => Math.max(0, ...texts.map(text => text.length * 7));

/** Words that fit into so many pixels, if there is room for little without a sign that more was there: Mon, Tue. @param {string} text @param {number} room */
const fitting = (text, room) => {
  const most = Math.max(3, Math.floor(room / 8));
  return text[most] ? (most < 5 ? text.slice(0, most) : text.slice(0, most - 1).trim() + "…") : text;
};

/** @param {any} host */
const draw = host => {
  const svg = drawn.get(host);
  if (svg.parentNode !== host) host.prepend(svg);
  const { width, height } = svg.getBoundingClientRect();
  const { classList, ariaLabel, dataset } = host;
  const { values, labels = "", series: names = "" } = dataset;
  const key = [width, height, classList, labels, names, values].join("\n");
  if (!width || key === svg.key) return;
  svg.key = key;
  const series = seriesOf(values);
  const given = words(labels);
  const unit = series.flat().find(one => one.before || one.after);
  const spark = classList.contains("spark");
  /** @type {Chart} */
  const chart = {
    kind: Object.keys(KINDS).find(kind => classList.contains(kind)) ?? (spark ? "line" : "bar"),
    spark,
    series,
    width,
    height,
    names: words(names),
    round: parseFloat(getComputedStyle(host).getPropertyValue("--round")) ? 4 : 0,
    label: at => given[at] || series[0]?.[at]?.label || "",
    say: value => (unit ? unit.before + figure(value) + (unit.after[1] ? " " : "") + unit.after : figure(value)),
  };
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.ariaLabel = told(chart) || "–";
  svg.replaceChildren(...(KINDS[chart.kind]?.draw ?? plot)(chart).filter(Boolean));
  if (ariaLabel && (host.role ?? "img") === "img") host.role = "figure";
};

/** All of it in words, of many numbers the first. @param {Chart} chart */
const told = ({ series, names, label, say }) =>
  series
    .map((one, which) => {
      const said = one.slice(0, 30).flatMap(({ value }, at) => (isNaN(value) ? [] : `${label(at)} ${say(value)}`.trim()));
      return [names[which], said.join(", ") + (one[30] ? " …" : "")].filter(Boolean).join(": ");
    })
    .filter(Boolean)
    .join("; ");

/** A number as people of the page's language write it, in a few characters. @param {number} value */
const figure = value => {
  const many = Math.abs(value) >= 1e4;
  const [lang] = /^[a-z]{2}(-[A-Z]{2})?\b/.exec(document.documentElement.lang) ?? [];
  return value.toLocaleString(lang, { notation: many ? "compact" : "standard", maximumSignificantDigits: many ? 3 : 4 });
};

new MutationObserver(soon).observe(document, {
  subtree: true,
  childList: true,
  attributeFilter: ["class", "data-values", "data-labels", "data-series"],
});
addEventListener("beforeprint", () => refresh(drawn));
