"use strict";
// Runs inside the page's frame, behind confine.js and in front of everything else: what leads on is told to the view, which
// alone talks to the host. What a page's own elements are named like hides nothing from it: it asks prototypes.
{
  /** @template {object} T @param {T} prototype @param {keyof T} name */
  const getter = (prototype, name) => {
    const get = Object.getOwnPropertyDescriptor(prototype, name)?.get;
    return (/** @type {object} */ of) => Reflect.apply(/** @type {() => any} */ (get), of, []);
  };
  const elements = getter(HTMLFormElement.prototype, "elements");
  const text = getter(Node.prototype, "textContent");
  const attribute = (/** @type {Element} */ of, /** @type {string} */ name) => Element.prototype.getAttribute.call(of, name) ?? "";
  const tell = (/** @type {object} */ said) => parent.postMessage({ silverprint: "follow", ...said }, "*");

  addEventListener("click", event => {
    const link = event.target instanceof Element && event.target.closest("a[href]");
    if (!link || event.defaultPrevented) return;
    const href = attribute(link, "href");
    if (href.startsWith("#")) return;
    event.preventDefault();
    if (event.isTrusted) tell({ text: text(link).slice(0, 1000), href: href.slice(0, 2000) });
  });
  addEventListener("submit", event => {
    const form = event.target;
    if (event.defaultPrevented || !(form instanceof HTMLFormElement)) return;
    const method = event.submitter?.getAttribute("formmethod") ?? attribute(form, "method");
    if (/^dialog$/i.test(method)) return; // closes a dialog, and leads nowhere
    event.preventDefault();
    const secret = new Set();
    for (const { type, autocomplete, name } of elements(form)) {
      if (type === "password" || /-password|one-time-code|^cc-/.test(autocomplete ?? "")) secret.add(name);
    }
    const said = [...new FormData(form, event.submitter)].filter(([name, value]) => typeof value === "string" && !secret.has(name));
    const words = event.submitter ? text(event.submitter).slice(0, 1000) : "";
    tell({ text: words, href: attribute(form, "action").slice(0, 2000), form: Object.fromEntries(said) });
  });
}
