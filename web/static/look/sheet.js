/**
 * A style sheet of the host, as the custom properties that it gives its root. It is fetched by the shell, in the host's own
 * document and under the host's own policy, and never becomes a style sheet of anything: no rule of it applies, and nothing
 * that it names is loaded.
 */

/** Bytes of a sheet that are read, and properties that are kept. */
const [LONGEST, MOST] = [262_144, 200];
/** How long it may take. ms */
const PATIENCE = 10_000;

/** Whether the attribute `kit` is the address of a style sheet, and not words. @param {string} kit */
export function isAddress(kit) {
  return /[./:]/.test(kit);
}

/** @param {string} address @returns {Promise<CSSStyleSheet>} rejects if there is no style sheet to be had */
export async function fetched(address) {
  const url = new URL(address, document.baseURI);
  if (!/^https?:$/.test(url.protocol)) throw new TypeError(`expected the address of a style sheet, http or https, got ${url.protocol}`);
  const answer = await fetch(url, { headers: { accept: "text/css" }, signal: AbortSignal.timeout(PATIENCE) });
  const type = answer.headers.get("content-type") ?? "";
  if (!answer.ok || !/^text\/css\b/i.test(type))
    throw new TypeError(`expected a style sheet at ${url.href}, got ${answer.ok ? type || "no type" : answer.status}`);
  const text = await answer.text();
  if (text.length > LONGEST)
    throw new RangeError(
      `expected a style sheet of at most ${LONGEST.toLocaleString("en")} characters, got ${text.length.toLocaleString("en")}`,
    );
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}

/**
 * The custom properties that a sheet gives to the root of the document or to the shell as they are now; of several the last.
 * @param {CSSStyleSheet} sheet @param {Element} shell @returns {[name: string, value: string][]}
 */
export function properties(sheet, shell) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const style of applying(sheet.cssRules, shell)) {
    for (const name of style) if (name.startsWith("--") && found.size < MOST) found.set(name, style.getPropertyValue(name));
  }
  return [...found];
}

/** @param {CSSRuleList} rules @param {Element} shell @returns {Generator<CSSStyleDeclaration>} */
function* applying(rules, shell) {
  for (const rule of rules) {
    if (rule instanceof CSSMediaRule && !matchMedia(rule.conditionText).matches) continue;
    if (rule instanceof CSSSupportsRule && !CSS.supports(rule.conditionText)) continue;
    if (rule instanceof CSSStyleRule && meant(rule.selectorText, shell)) yield rule.style;
    else if (rule instanceof CSSGroupingRule && !(rule instanceof CSSStyleRule)) yield* applying(rule.cssRules, shell);
  }
}

/** @param {string} selector @param {Element} shell */
function meant(selector, shell) {
  return document.documentElement.matches(selector) || shell.matches(selector);
}
