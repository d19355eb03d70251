"use strict";
/** @type {{ createScript: (text: string) => string }} */
const asIs = { createScript: text => text };
/** @type {typeof asIs} */
const trusted = /** @type {any} */ (self).trustedTypes?.createPolicy("kit", asIs) ?? asIs;

/** An example in a document of its own. It is made as it comes near, and given up as it is left far behind. */
class ShownFrame {
  /** @type {WeakMap<Element, ShownFrame>} */
  static of = new WeakMap();
  static near = new IntersectionObserver(
    entries => {
      for (const { target, isIntersecting } of entries) ShownFrame.of.get(target)?.comes(isIntersecting);
    },
    { rootMargin: "900px" },
  );
  static sizes = new ResizeObserver(entries => {
    for (const { target } of entries) ShownFrame.of.get(target)?.fit();
  });

  /** @param {HTMLTemplateElement} example @param {string} name @param {Way} way @param {(frame: ShownFrame) => void} filled */
  constructor(example, name, way, filled) {
    this.example = example;
    this.name = name;
    this.way = way;
    this.filled = filled;
    this.box = document.createElement("figure");
    this.caption = document.createElement("figcaption");
    this.view = document.createElement("div");
    this.view.className = "view";
    this.box.append(this.caption, this.view);
    /** @type {HTMLIFrameElement | null} */
    this.iframe = null;
    ShownFrame.of.set(this.box, this);
    ShownFrame.of.set(this.view, this);
    ShownFrame.near.observe(this.box);
    ShownFrame.sizes.observe(this.view);
    this.dress(way);
  }

  get page() {
    return this.iframe?.contentDocument ?? null;
  }

  /** @param {boolean} near */
  comes(near) {
    if (near && !this.iframe) this.begin();
    else if (!near) this.end();
  }

  begin() {
    const iframe = /** @type {HTMLIFrameElement} */ (cloned("frame").firstElementChild);
    iframe.addEventListener("load", () => this.fill(), { once: true });
    this.iframe = iframe;
    this.dress(this.way);
    this.view.replaceChildren(iframe);
  }

  /** Leaves its height, so that nothing moves. */
  end() {
    this.iframe?.remove();
    this.iframe = null;
  }

  remove() {
    this.end();
    ShownFrame.near.unobserve(this.box);
    ShownFrame.sizes.unobserve(this.view);
    this.box.remove();
  }

  fill() {
    const { page } = this;
    if (!page) return;
    const { body, height, kind } = this.example.dataset;
    page.documentElement.dataset.kind = Number(height) ? "fixed" : kind;
    page.addEventListener("click", event => {
      if (/** @type {Element} */ (event.target).closest?.("a")) event.preventDefault(); // of another realm: no instanceof
    });
    page.addEventListener("submit", event => event.preventDefault());
    const content = page.importNode(this.example.content, true);
    const drawn = content.querySelector(".picture, .icon") ? ["drawings"] : [];
    page.head.append(...["kit", "within", ...drawn].map(name => page.importNode(cloned(name), true)));
    page.head.append(script(page));
    page.body.className = body ?? "";
    page.body.append(content);
    this.filled(this);
    ShownFrame.of.set(page.documentElement, this);
    ShownFrame.sizes.observe(page.documentElement);
    this.dress(this.way);
  }

  /** @param {Way} way */
  dress(way) {
    this.way = way;
    this.caption.textContent = way.label;
    this.caption.hidden = !way.label;
    const root = this.page?.documentElement;
    if (this.iframe) this.iframe.title = [this.name, way.label].filter(Boolean).join(", ");
    if (root) {
      root.className = way.words.join(" ");
      root.style.setProperty("--accent", way.accent || null);
    }
    this.fit();
  }

  /** As wide as asked for, drawn smaller where there is less room; as tall as what is in it. */
  fit() {
    const { iframe, view } = this;
    const root = this.page?.documentElement; // none while the frame is on its way
    const room = view.clientWidth;
    if (!iframe || !root || !room) return;
    const width = this.way.width || room;
    const scale = Math.min(1, room / width);
    iframe.style.width = `${width}px`;
    const height = Number(this.example.dataset.height) || Math.ceil(root.getBoundingClientRect().height);
    if (!height) return;
    iframe.style.height = `${height}px`;
    iframe.style.scale = String(scale);
    iframe.style.marginInlineStart = `${Math.max(0, (room - width) / 2)}px`;
    view.style.height = `${Math.ceil(height * scale)}px`;
  }
}

/** The kit's own script for a frame: text that only this page's one policy may make one of. @param {Document} page */
function script(page) {
  const made = page.createElement("script");
  made.text = trusted.createScript(cloned("behaviour").textContent ?? "");
  return made;
}

/** What a <template> of the page holds, once more. @param {string} id */
function cloned(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  return /** @type {DocumentFragment} */ (template.content.cloneNode(true));
}
