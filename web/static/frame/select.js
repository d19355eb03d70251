"use strict";
// In front of a committed page, before page.js: lets a visitor select an element instead of using the page. A pane of glass lies
// over everything, so that no pointer reaches the page, and every event is stopped before the page's own handlers: ours
// stand on `window` in the capture phase from the start, and so come first. Nothing of the page is changed but for that pane, which goes again.
(() => {
  const plain = /** @type {NonNullable<Window["silverprintPlain"]>} */ (self.silverprintPlain);
  const here = plain(document);
  const COLOUR = "#d8401c";
  const POINTER = ["pointerdown", "pointerup", "pointermove", "pointerover", "pointerout", "pointerenter", "pointerleave", "pointercancel"];
  const MOUSE = [
    "mousedown",
    "mouseup",
    "mousemove",
    "mouseover",
    "mouseout",
    "mouseenter",
    "mouseleave",
    "click",
    "dblclick",
    "auxclick",
    "contextmenu",
  ];
  const OTHER = ["keydown", "keyup", "keypress", "touchstart", "touchend", "touchcancel", "dragstart"];
  /** Keys that move through the page or belong to the browser. */
  const OTHERS = /^(F\d+|Page.*|Home|End)$/;
  /** What one means who points at something inside it. */
  const WHOLE = "a, button, select, summary, svg, video, audio, option, label:has(input)";
  const CONTROLS = `${WHOLE}, input, textarea, img, canvas, hr, meter, progress`;
  const AREAS = "article, aside, dialog, fieldset, figure, footer, form, header, main, nav, ol, section, table, tr, ul";
  const TITLES = "h1, h2, h3, h4, h5, h6, legend, caption, figcaption";
  /** @type {Record<string, 1 | -1>} */
  const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

  /** Gives what begins and ends the selection of an element. @type {Window["silverprintSelect"]} */
  self.silverprintSelect = (tell, wordsOf) => {
    /** @type {Element | null} */
    let current = null;
    let selecting = false;
    let picked = false;
    const glass = pane("inset: 0; width: 100vw; height: 100vh; background: #0000; cursor: crosshair");
    const mark = pane(
      `outline: 2px solid ${COLOUR}; outline-offset: 1px; box-shadow: 0 0 0 4px #fffc; background: ${COLOUR}1a; pointer-events: none`,
    );
    glass.popover = "manual";
    glass.setAttribute("aria-hidden", "true");
    glass.append(mark);

    /** @param {{on: boolean}} message @returns an answer once keys do no longer reach the page */
    function select({ on }) {
      selecting = on;
      if (on) picked = false;
      if (!on) return void glass.remove();
      here.documentElement.append(glass);
      glass.showPopover?.();
      point(null);
      return { verb: "selecting" };
    }

    /** @param {Event} event */
    function onEvent(event) {
      if (!event.isTrusted || !(selecting || lingers(event))) return;
      event.stopImmediatePropagation();
      if (!selecting) return event.preventDefault();
      if (event instanceof KeyboardEvent) return event.type === "keydown" && onKey(event);
      if (!(event instanceof MouseEvent)) return;
      if (event.type !== "pointerdown") event.preventDefault();
      if (event.type === "pointermove" || event.type === "click") point(under(event));
      if (event.type === "click") pick();
    }

    /** Whether an event belongs to the gesture that picked: a key that is let go, a second click. @param {Event} event */
    function lingers(event) {
      const again = event instanceof MouseEvent && event.detail > 1;
      if (event.type === "keydown" || (event.type === "mousedown" && !again)) picked = false;
      return picked && (again || event.type === "keyup");
    }

    /** @param {KeyboardEvent} event */
    function onKey(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || OTHERS.test(event.key)) return;
      event.preventDefault();
      const step = event.key === "Tab" ? (event.shiftKey ? -1 : 1) : STEPS[event.key];
      if (step) walk(step);
      else if (event.key === "Enter" || event.key === " ") pick();
      else if (event.key === "Escape") tell({ verb: "leave" });
    }

    /** The element that someone means who points at a place. @param {MouseEvent} event */
    function under({ clientX, clientY }) {
      const all = here.elementsFromPoint(clientX, clientY).filter(element => here.body.contains(element));
      const found = all[0] ? (plain(all[0]).closest(WHOLE) ?? all[0]) : null;
      return found === here.body ? null : found;
    }

    /** On to the next element, in reading order and around. @param {1 | -1} step */
    function walk(step) {
      const all = [...here.body.querySelectorAll("*")].filter(means);
      const at = current ? all.indexOf(current) : -1;
      point(all.at(at < 0 ? Math.min(0, step) : (at + step) % all.length) ?? null);
      if (current) plain(current).scrollIntoView({ block: "nearest" });
      if (current) tell({ verb: "point", target: described(current) });
    }

    /** @param {Element | null} element */
    function point(element) {
      current = element;
      draw();
    }

    function draw() {
      const { left = 0, top = 0, width = 0, height = 0 } = (current && plain(current).getBoundingClientRect()) ?? {};
      place(mark, { display: current ? "block" : "none", left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    }

    function pick() {
      if (!current) return;
      picked = true;
      tell({ verb: "pick", target: described(current) });
    }

    /** @param {Element} element */
    function described(element) {
      const it = plain(element);
      const tag = it.matches("input:is([type=button], [type=submit], [type=reset])") ? "button" : it.localName;
      const alike = [...here.querySelectorAll("*")].filter(other => plain(other).localName === it.localName);
      return { tag, text: textOf(element), name: it.getAttribute("name"), nth: alike.indexOf(element) };
    }

    /** What tells an element from others: what it is called, else what it says. @param {Element} element */
    function textOf(element) {
      const field = /** @type {Partial<HTMLInputElement>} */ (element);
      const it = plain(element);
      const title = it.matches(AREAS) ? it.querySelector(TITLES) : null;
      if (title) return wordsOf(title);
      if (!it.matches("input, select, textarea")) return wordsIn(element) || wordsOf(element) || it.getAttribute("alt") || "";
      const label = field.labels?.[0] ? wordsOf(field.labels[0]) : "";
      return (
        label ||
        it.getAttribute("aria-label") ||
        field.placeholder ||
        (field.type === "submit" || field.type === "button" ? (field.value ?? "") : "")
      );
    }

    for (const type of [...POINTER, ...MOUSE, ...OTHER]) addEventListener(type, onEvent, true);
    for (const type of ["scroll", "resize"]) addEventListener(type, () => selecting && draw(), true);
    return select;
  };

  /** Whether someone might mean an element who walks through the page: a control, an area, or what has words of its own. @param {Element} element */
  function means(element) {
    const it = plain(element);
    const { width, height } = it.getBoundingClientRect();
    if (!width || !height || it.checkVisibility?.({ visibilityProperty: true }) === false) return false;
    if (it.parentElement && plain(it.parentElement).closest(WHOLE)) return false;
    return (
      it.matches(`${CONTROLS}, ${AREAS}`) || [...it.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim())
    );
  }

  /** The words of an element that can be seen. @param {Element} element */
  function wordsIn(element) {
    return element instanceof HTMLElement ? plain(element).innerText.replace(/\s+/g, " ").trim() : "";
  }

  /** An element that no style sheet of a page gets at. @param {string} style */
  function pane(style) {
    const element = here.createElement("silverprint-pane");
    element.style.cssText = "all: initial !important";
    const look = `position: fixed; display: block; margin: 0; padding: 0; border: 0; z-index: 2147483647; overflow: hidden; ${style}`;
    place(element, Object.fromEntries(look.split("; ").map(rule => rule.split(": "))));
    return element;
  }

  /** @param {HTMLElement} element @param {Record<string, string>} style */
  function place(element, style) {
    for (const [name, value] of Object.entries(style)) element.style.setProperty(name, value, "important");
  }
})();
