/* for: .chart */
// <div class="chart bar" data-values="12,19,8" data-labels="Mon,Tue,Wed"> shows its numbers, now and when they change. Only charts in
// view are drawn, at most once a frame.

const SVG = "http://www.w3.org/2000/svg";
/** What a chart may be besides bars, and what draws it. @type {Record<string, (chart: Chart) => SVGElement[]>} */
const KINDS = {};
/** How many numbers of a series are told to who cannot see them. */
const TOLD = 30;

/** @type {WeakMap<Element, {svg: SVGElement, key: string}>} */
const drawn = new WeakMap();
/** @type {Set<HTMLElement>} */
const inView = new Set();
let due = 0;

const sizes = new ResizeObserver(refreshSoon);
const views = new IntersectionObserver(
  entries => {
    for (const { target, isIntersecting } of entries) {
      const host = /** @type {HTMLElement} */ (target);
      if (isIntersecting) inView.add(host);
      else inView.delete(host);
      sizes[isIntersecting ? "observe" : "unobserve"](host);
    }
    refreshSoon();
  },
  { rootMargin: "300px" },
);

function refreshSoon() {
  due ||= requestAnimationFrame(refresh);
}

function refresh() {
  due = 0;
  for (const host of hosts()) if (!drawn.has(host)) watch(host);
  inView.forEach(draw);
}

/** @returns {NodeListOf<HTMLElement>} */
function hosts() {
  return document.querySelectorAll(".chart[data-values]:not(canvas, svg)");
}

/** @param {HTMLElement} host */
function watch(host) {
  drawn.set(host, { svg: shape("svg", { role: "img" }), key: "" });
  views.observe(host);
}

/** @param {string} name @param {Record<string, unknown>} attributes @param {(Element | string)[]} within @returns {SVGElement} */
function shape(name, attributes, ...within) {
  const made = document.createElementNS(SVG, name);
  for (const attribute in attributes) {
    const value = attributes[attribute];
    made.setAttribute(attribute, String(typeof value === "number" ? Math.round(value * 10) / 10 : value));
  }
  made.append(...within);
  return /** @type {SVGElement} */ (made);
}

/** @param {HTMLElement} host */
function draw(host) {
  const { svg, key } = /** @type {{svg: SVGElement, key: string}} */ (drawn.get(host));
  if (svg.parentNode !== host) host.prepend(svg);
  const { width, height } = svg.getBoundingClientRect();
  const { values = "", labels = "", series: names = "" } = host.dataset;
  const now = [width, height, host.className, labels, names, values].join("\n");
  if (!width || now === key) return;
  drawn.set(host, { svg, key: now });
  const series = seriesOf(values);
  const given = words(labels);
  const [unit] = series.flat().filter(one => one.before || one.after);
  /** @type {Chart} */
  const chart = {
    kind: Object.keys(KINDS).find(kind => host.classList.contains(kind)) ?? (host.classList.contains("spark") ? "line" : "bar"),
    spark: host.classList.contains("spark"),
    series, names: words(names), width, height,
    corner: parseFloat(getComputedStyle(host).getPropertyValue("--round")) > 0 ? 4 : 0,
    label: at => given[at] || series[0]?.[at]?.label || "",
    say: value => `${unit?.before ?? ""}${plainly(value)}${unit?.after ? `${unit.after.length > 1 ? " " : ""}${unit.after}` : ""}`,
  };
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", told(chart) || "–");
  svg.replaceChildren(.../** @type {(chart: Chart) => SVGElement[]} */ (KINDS[chart.kind] ?? KINDS.bar)(chart));
  if (host.ariaLabel && (host.role ?? "img") === "img") host.role = "figure";
}

/** All of it in words. @param {Chart} chart */
function told({ series, names, label, say }) {
  const lines = series.map((one, which) => {
    const all = one.slice(0, TOLD).flatMap(({ value }, at) => (isNaN(value) ? [] : [`${label(at)} ${say(value)}`.trim()]));
    return [names[which], all.join(", ") + (one.length > TOLD ? " …" : "")].filter(Boolean).join(": ");
  });
  return lines.filter(Boolean).join("; ");
}

/** A number as people of the page's language write it, in a few characters. @param {number} value */
function plainly(value) {
  /** @type {Intl.NumberFormatOptions} */
  const how = Math.abs(value) < 1e4 ? { maximumSignificantDigits: 4 } : { notation: "compact", maximumSignificantDigits: 3 };
  try {
    return value.toLocaleString(document.documentElement.lang || undefined, how);
  } catch {
    // the page names a language that is none
    return value.toLocaleString(undefined, how);
  }
}

/** Words that fit into so many pixels, if there is room for little without a sign that more was there: Mon, Tue. @param {string} text @param {number} room */
function fitting(text, room) {
  const most = Math.max(3, Math.floor(room / 8));
  return text.length <= most ? text : most < 5 ? text.slice(0, most) : `${text.slice(0, most - 1).trim()}…`;
}

new MutationObserver(refreshSoon).observe(document, {
  subtree: true, childList: true, attributeFilter: ["class", "data-values", "data-labels", "data-series", "lang"],
});
addEventListener("beforeprint", () => {
  refresh();
  hosts().forEach(draw);
});
