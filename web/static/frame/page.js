"use strict";
// In front of every page in a frame: takes what leads on (links, forms, bare buttons) to the shell instead of following it,
// and can tell and restore what a visitor did to the page. It shares its realm with the page, so the shell trusts none of
// its messages. Listens on `window` in the bubble phase: whatever the page's own script prevented is the page's own affair.
(() => {
  const CAPS = { tag: 32, text: 1000, href: 2000, name: 200, value: 1000, fields: 32, field: 4000, edited: 200 };
  const plain = /** @type {NonNullable<Window["silverprintPlain"]>} */ (self.silverprintPlain);
  const here = plain(document);
  const follow = self.silverprintFollow;
  const select = self.silverprintSelect?.(tell, wordsOf);
  /** Of pages that are written over the kit. */
  const spelled = self.silverprintLook;
  /** @type {CSSStyleSheet | null} */
  let host = null;
  /** @type {Window["silverprintVerbs"]} */
  const verbs = { collect, restore, compare, result, ...(select && { select }), ...(spelled && { look }), ...self.silverprintVerbs };
  /** @type {WeakSet<EventTarget>} */
  const edited = new WeakSet();
  /** @type {Map<number, {done: (value: unknown) => void, fail: (error: Error) => void}>} */
  const calls = new Map();
  let called = 0;
  /** @type {MessagePort | null} */
  let port = null;
  /** How long a pointer must rest on a link, and a page on view, to mean something. ms */
  const [REST, IDLE] = [90, 1500];
  let hint = 0;

  document.currentScript?.remove();

  addEventListener("message", event => {
    if (event.source !== parent || event.data?.silverprint !== "port" || !event.ports[0]) return;
    event.stopImmediatePropagation();
    port = event.ports[0];
    if (!("draft" in verbs)) hint = setTimeout(() => [...here.querySelectorAll("main a[href]")].slice(0, 1).forEach(likely), IDLE);
    port.onmessage = ({ data }) => {
      const reply = verbs[data.verb]?.(data);
      if (reply) port?.postMessage(reply);
    };
  });
  Object.defineProperty(self, "silverprint", { value: Object.freeze({ call }), configurable: true });
  self.silverprintKeep?.(data => {
    port?.postMessage({ verb: "store", data });
    return port !== null;
  });
  delete self.silverprintKeep;
  delete self.silverprintFollow;
  delete self.silverprintSelect;
  delete self.silverprintLook;
  delete self.silverprintPlain;
  addEventListener("click", onClick);
  addEventListener("auxclick", event => closest(event, "a[href]") && event.preventDefault());
  addEventListener("submit", onSubmit);
  addEventListener("input", event => event.isTrusted && event.target && edited.add(event.target), true);
  for (const type of ["pointerover", "focusin"]) addEventListener(type, onHint, true);
  if (parent !== self) parent.postMessage({ silverprint: "ready" }, "*");

  /** @param {MouseEvent} event */
  function onClick(event) {
    if (event.defaultPrevented) return;
    const link = closest(event, "a[href], area[href]");
    const button = /** @type {HTMLButtonElement | null} */ (closest(event, "button:not([type=button])"));
    if (link) followLink(event, link);
    else if (button && !button.form && !button.onclick) act(event, button, {});
  }

  /** @param {Event} event @param {Element} link */
  function followLink(event, link) {
    const href = link.getAttribute("href") ?? "";
    if (/^\s*javascript:/i.test(href)) return;
    if (!href.startsWith("#")) return act(event, link, { href: cap(href, CAPS.href) });
    event.preventDefault();
    if (follow) follow(href);
    else (href === "#" ? here.documentElement : here.getElementById(href.slice(1)))?.scrollIntoView();
  }

  /** @param {SubmitEvent} event */
  function onSubmit(event) {
    const form = event.target;
    if (event.defaultPrevented || !(form instanceof HTMLFormElement)) return;
    const method = event.submitter?.getAttribute("formmethod") ?? plain(form).getAttribute("method");
    if (/^dialog$/i.test(method ?? "")) return; // closes a dialog, and leads nowhere
    event.preventDefault();
    const action = event.submitter?.getAttribute("formaction") ?? plain(form).getAttribute("action");
    if (!action) return;
    const secret = new Set(secrets(form).map(field => field.name));
    const said = [...new FormData(form, event.submitter)];
    const entries = said.filter(([name, value]) => name && typeof value === "string" && !secret.has(name));
    const values = entries.slice(0, CAPS.fields).map(([name, value]) => [cap(name, CAPS.name), cap(String(value), CAPS.field)]);
    act(event, event.submitter ?? form, { tag: "form", href: cap(action, CAPS.href), form: Object.fromEntries(values) });
  }

  /** Fields that are left out of what a form sends: passwords, also while they are shown, codes and card numbers. @param {HTMLFormElement} form */
  function secrets(form) {
    const fields = /** @type {HTMLInputElement[]} */ ([...plain(form).elements]);
    return fields.filter(({ type, autocomplete }) => type === "password" || /-password|one-time-code|^cc-/.test(autocomplete ?? ""));
  }

  /** Ask for a function of the page around the shell. @param {string} name @param {...unknown} args */
  function call(name, ...args) {
    return new Promise((done, fail) => {
      calls.set(++called, { done, fail });
      port?.postMessage({ verb: "call", id: called, name: String(name), args: JSON.stringify(args) });
    });
  }

  /** What came of it. @param {{id: number, value?: string, error?: string}} reply */
  function result({ id, value, error }) {
    const waiting = calls.get(id);
    calls.delete(id);
    if (error === undefined) waiting?.done(JSON.parse(value ?? "null"));
    else waiting?.fail(new Error(error));
  }

  /** Where the pointer or the focus rests, a click may follow. @param {Event} event */
  function onHint(event) {
    clearTimeout(hint);
    const link = closest(event, "a[href]");
    if (link && event.isTrusted) hint = setTimeout(() => likely(link), REST);
  }

  /** Tell the shell of a link that may be followed next. @param {Element} link */
  function likely(link) {
    const href = link.getAttribute("href") ?? "";
    if (/^\s*(#|javascript:)/i.test(href)) return;
    port?.postMessage({ verb: "hint", target: { tag: "a", text: cap(wordsOf(link), CAPS.text), href: cap(href, CAPS.href) } });
  }

  /** Tell the shell. @param {Event} event @param {Element} element @param {object} more */
  function act(event, element, more) {
    event.preventDefault();
    const it = plain(element);
    /** @type {Record<string, unknown>} */
    const target = { tag: it.localName, text: cap(wordsOf(element), CAPS.text), ...more };
    for (const name of /** @type {const} */ (["name", "value"])) {
      if (it.hasAttribute(name)) target[name] = cap(it.getAttribute(name) ?? "", CAPS[name]);
    }
    port?.postMessage({ verb: "act", target });
  }

  /** Tell the shell how the selection of an element goes. @param {{verb: string, target?: {tag: string, text: string, name: string | null, nth: number}}} said */
  function tell({ verb, target }) {
    const named = target?.name ? { name: cap(target.name, CAPS.name) } : {};
    port?.postMessage({
      verb,
      target: target && { tag: cap(target.tag, CAPS.tag), text: cap(target.text, CAPS.text), ...named, nth: target.nth },
    });
  }

  /** What an element says. @param {Element} element */
  function wordsOf(element) {
    const text = element instanceof HTMLFormElement ? "" : element.textContent;
    const it = plain(element);
    const words = text?.trim() || it.getAttribute("aria-label") || it.getAttribute("title");
    return (words || it.querySelector("img[alt]")?.getAttribute("alt") || "").replace(/\s+/g, " ").trim();
  }

  /** @param {Event} event @param {string} selector */
  function closest(event, selector) {
    return event.target instanceof Element ? plain(event.target).closest(selector) : null;
  }

  /** @param {string} text @param {number} length */
  function cap(text, length) {
    return text.slice(0, length).replace(/\p{Surrogate}/gu, "\ufffd");
  }

  /** @returns {(HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[]} */
  function fields() {
    return [...here.querySelectorAll(/** @type {"input"} */ ("input, textarea, select"))];
  }

  /** What the visitor did to the page: scrolled, focused, filled in. */
  function collect() {
    const all = fields();
    const changed = [...all.entries()].filter(([, field]) => edited.has(field)).slice(0, CAPS.edited);
    return {
      verb: "view",
      x: scrollX,
      y: scrollY,
      focus: all.findIndex(field => field === here.activeElement),
      edited: changed.map(([index, field]) => [index, cap(field.value, CAPS.field), isChecked(field)]),
    };
  }

  /** @param {{x: number, y: number, focus: number, edited: [number, string, boolean][]}} view */
  function restore({ x, y, focus, edited: changed }) {
    const all = fields();
    for (const [index, value, checked] of changed) {
      const field = all[index];
      if (!field || field.type === "file") continue;
      field.value = value;
      if (field instanceof HTMLInputElement) field.checked = checked;
      edited.add(field);
      verbs.fill?.(field);
    }
    all[focus]?.focus({ preventScroll: true });
    scrollTo({ left: x, top: y, behavior: "instant" });
    return { verb: "restored" };
  }

  /** Look like the app around the shell, from now on: in place of what the page was loaded with. @param {{look: unknown}} message */
  function look({ look: values }) {
    host ??= new CSSStyleSheet();
    host.replaceSync(spelled?.rules(values) ?? "");
    if (!here.adoptedStyleSheets.includes(host)) here.adoptedStyleSheets.push(host);
    for (const first of here.querySelectorAll("style[data-look]")) first.remove();
  }

  /** Point out for a moment what another version of this page has otherwise. @param {{html: string}} message */
  function compare({ html }) {
    const before = new DOMParser().parseFromString(String(html), "text/html");
    const marks = [
      { outline: "3px solid #ff6440", outlineOffset: "2px" },
      { outline: "3px solid #ff644000", outlineOffset: "2px" },
    ];
    for (const element of changed(plain(before).body, here.body).slice(0, 100))
      plain(element).animate(marks, { duration: 2400, easing: "ease-in" });
  }

  /**
   * The smallest elements of a tree that stand otherwise in another. Children are paired by their tag and place.
   * @param {Element} before @param {Element} after @returns {Element[]}
   */
  function changed(before, after) {
    if (plain(before).isEqualNode(after)) return [];
    if (own(before) !== own(after)) return [after];
    /** @type {Map<string, Element[]>} */
    const others = new Map();
    for (const child of plain(before).children) {
      const { localName } = plain(child);
      others.set(localName, [...(others.get(localName) ?? []), child]);
    }
    return [...plain(after).children].flatMap(child => {
      const other = others.get(plain(child).localName)?.shift();
      if (["SCRIPT", "STYLE"].includes(plain(child).tagName)) return [];
      return other ? changed(other, child) : [child];
    });
  }

  /** What an element has besides other elements. @param {Element} element */
  function own(element) {
    const text = [...plain(element).childNodes].map(node => (node.nodeType === Node.TEXT_NODE ? node.nodeValue?.trim() : "")).join("");
    return `${text} ${[...plain(element).attributes].map(({ name, value }) => `${name}=${value}`)}`;
  }

  /** @param {Element} field */
  function isChecked(field) {
    return field instanceof HTMLInputElement && field.checked;
  }
})();
