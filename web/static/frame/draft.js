"use strict";
// The draft frame: morphs each draft into the document, so that what is there already keeps its place, focus and motion.
// Drafts come from the server's drafter and hold no script; page.js, loaded next, brings them here through the shell.
(() => {
  const plain = /** @type {NonNullable<Window["silverprintPlain"]>} */ (self.silverprintPlain);
  const parser = new DOMParser();
  /** What a name means that is not the page's own. */
  const [form, blank] = [document.createElement("form"), parser.parseFromString("", "text/html")];
  /** Elements that forms and the document have under their names. */
  const NAMED = ":is(button, fieldset, input, object, output, select, textarea, img, form, embed, iframe):is([name], [id])";
  const ASIDE = "silverprint-aside-";
  /** What a heading may stand in. */
  const HOLDERS = "section, article, header, hgroup, div:not(.picture)";
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const style = document.head.appendChild(document.createElement("style"));
  /** @type {WeakSet<EventTarget>} */
  const filled = new WeakSet();
  addEventListener("input", event => event.isTrusted && event.target && filled.add(event.target), true);

  /** @param {{html: string, page: string}} message */
  function draft({ html, page }) {
    const next = parser.parseFromString(html, "text/html");
    for (const inert of plain(next).querySelectorAll("template")) inert.remove();
    nameChildren(plain(next).body, "sp");
    for (const tree of [next, document]) setAside(tree);
    try {
      return { verb: "shown", page, ...show(next) };
    } finally {
      takeBack();
    }
  }

  /**
   * Put names out of the way that mean something else: with <input name=children>, a form's children would be that field,
   * to us and to what morphs. Nothing is drawn before they are taken back.
   * @param {Document} tree
   */
  function setAside(tree) {
    for (const element of plain(tree).querySelectorAll(NAMED)) {
      for (const name of ["name", "id"]) {
        const value = plain(element).getAttribute(name);
        if (value !== null && (value in form || value in blank)) plain(element).setAttribute(name, ASIDE + value);
      }
    }
  }

  function takeBack() {
    for (const name of ["name", "id"]) {
      for (const element of plain(document).querySelectorAll(`[${name}^=${ASIDE}]`)) {
        const value = plain(element).getAttribute(name) ?? "";
        plain(element).setAttribute(name, value.slice(ASIDE.length));
      }
    }
  }

  /** @param {Document} next */
  function show(next) {
    const rules = [...next.querySelectorAll("style")].map(sheet => {
      sheet.remove();
      return sheet.textContent;
    });
    dress(rules.join("\n"));
    copyAttributes(next.documentElement, document.documentElement);
    copyAttributes(next.body, document.body);
    announce(next);
    morph(next.body);
    return { title: next.title.slice(0, 200), blank: !document.body.textContent?.trim() };
  }

  /**
   * Let a page's title stand where its heading will, as long as there is nothing else to read there. How it looks is known by
   * then of pages over the kit, whose <html> has a class. The heading that comes has the same place, and so is the same element.
   * @param {Document} next
   */
  function announce(next) {
    const [title, body] = [next.title.trim(), next.body];
    if (!title || !next.documentElement.className || body.matches(".desktop") || next.querySelector("h1")) return;
    const begun = [...body.children].every(part => part.matches("header, nav"));
    const main = next.querySelector("main") ?? (begun ? body.appendChild(next.createElement("main")) : null);
    if (!main || main.textContent?.trim()) return;
    /** @type {Element} */
    let place = main;
    for (let inner = main.lastElementChild; inner?.matches(HOLDERS); inner = inner.lastElementChild) place = inner;
    const heading = place.appendChild(next.createElement("h1"));
    heading.textContent = title;
    heading.ariaHidden = "true";
    nameChildren(body, "sp");
  }

  /**
   * Apply the rules of a draft. Columns that share all the room would narrow with each one that comes: until the page is
   * committed, they leave it free for those on their way.
   * @param {string} rules
   */
  function dress(rules) {
    const steady = rules.replaceAll("auto-fit", "auto-fill");
    if (style.textContent !== steady) style.textContent = steady;
  }

  /** @param {HTMLElement} body */
  function morph(body) {
    try {
      const callbacks = { afterNodeAdded: fadeIn, beforeAttributeUpdated: isOurs };
      Idiomorph.morph(document.body, [...body.childNodes], { morphStyle: "innerHTML", ignoreActiveValue: true, callbacks });
    } catch {
      document.body.replaceChildren(...body.childNodes);
    }
  }

  /** Whether a draft may change an attribute: not what a visitor has filled in. @param {string} name @param {Element} element */
  function isOurs(name, element) {
    return !(filled.has(element) && ["value", "checked", "selected"].includes(name));
  }

  /** Start over for another page. */
  function reset() {
    setAside(document);
    style.textContent = "";
    copyAttributes(document.createElement("html"), document.documentElement);
    copyAttributes(document.createElement("body"), document.body);
    document.body.replaceChildren();
    scrollTo({ left: 0, top: 0, behavior: "instant" });
  }

  /**
   * Give every element without an id one made of its place in the tree, so that morphing finds it again.
   * @param {Element} parent @param {string} path
   */
  function nameChildren(parent, path) {
    /** @type {Record<string, number>} */
    const counts = {};
    for (const child of plain(parent).children) {
      const it = plain(child);
      const tag = it.localName;
      counts[tag] = (counts[tag] ?? 0) + 1;
      const id = it.id || `${path}/${tag}${counts[tag]}`;
      if (!it.id) it.setAttribute("id", id);
      nameChildren(child, id);
    }
  }

  /** @param {Element} from @param {Element} to */
  function copyAttributes(from, to) {
    for (const { name } of [...to.attributes]) if (!from.hasAttribute(name)) to.removeAttribute(name);
    for (const { name, value } of from.attributes) if (to.getAttribute(name) !== value) to.setAttribute(name, value);
  }

  /** @param {Node} node */
  function fadeIn(node) {
    if (still.matches || !(node instanceof Element) || node.ariaHidden) return;
    node.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 260, easing: "ease-out" });
  }

  /** A field holds what a visitor wrote. @param {Element} field */
  function fill(field) {
    filled.add(field);
  }

  self.silverprintVerbs = { draft, reset, fill };
})();
