/**
 * Where pages show: one draft frame that drafts are morphed into, and a live frame for each committed page. What is on view
 * stays until its successor is ready: frames lie on top of each other and only change visibility.
 * @import { Target, View } from "../../types/messages.js"
 * @import { Said } from "./frame-messages.js"
 */
import { h } from "../shell/dom.js";
import { Keyboard, focused } from "./keyboard-focus.js";
import { encoded } from "../look/look.js";
import { PageFrame } from "./page-frame.js";
import { Views, merged } from "./view-memory.js";

const LOAD_PATIENCE = 4000;
const ASK_PATIENCE = 1000;
/** Messages a second of the draft frame, which runs scripts of ours alone and answers every draft. */
const DRAFT_ANSWERS = 200;
/** How long a browser lets the process of frames that are gone finish what their documents do last. ms */
const LAST_BREATH = 1200;
/** How long a frame may take to draw the focus to one of its fields. ms */
const FOCUS_LAG = 150;
/** How often a page may take the focus from where the visitor types, before it is put away. */
const TAKES = 3;

/** Fires "act" and "hint" (detail: {page, target}; a hint: what the visitor may do next), "store" (detail: {page, data}; what a page wants kept),
 * "pick", "point" and "leave" (detail of the first two: Target; an element was selected, is pointed at, or none is to be),
 * "call" (detail: {page, id, name, args, reply, gesture}; a function of the host that a page asks for; gesture: whether the visitor
 * did something in it, on view), "left" (detail: string, a site; the page tried to leave the shell for it), "grabbed" (the page took
 * the focus again and again, and was put away) and "title" (detail: string). */
export class Stage extends EventTarget {
  element = h(
    "section",
    { class: "stage empty", part: "page", "aria-label": "The page" },
    h("p", { class: "sign", "aria-hidden": "true" }, "Developing"),
  );
  /** @type {PageFrame | null} */ #draft = null;
  /** @type {PageFrame | null} */ #live = null;
  /** @type {PageFrame | null} */ #shown = null;
  /** A page that loads. @type {PageFrame | null} */ #next = null;
  /** Until there are frames again. @type {Promise<void> | null} */ #renewing = null;
  #views = new Views();
  /** @type {string | null} */ #html = null;
  #keyboard = new Keyboard(() => this.#frames);
  /** How often each frame took the focus by itself. @type {WeakMap<PageFrame, number>} */ #taken = new WeakMap();
  #origin = "";
  #developing = "";
  #page = "";
  #replaying = false;
  #drafts = true;
  /** What the visitor did to the page being edited, until its draft has it too. @type {Promise<View | null> | null} */ #handed = null;
  /** The same, until the page itself has it. @type {{page: string, view: Promise<View | null> | null}} */ #carried = {
    page: "",
    view: null,
  };
  /** In which the visitor selects an element. @type {PageFrame | null} */ #selecting = null;
  /** What of the host's look pages have. @type {import("../look/look.js").Values} */ #look = {};
  #turn = 0;
  #frame = 0;

  /** Get ready for pages served by an origin. @param {string} origin */
  open(origin) {
    if (this.#origin === origin) return;
    this.#origin = origin;
    this.#prepare();
  }

  /** Listen to the keyboard of the document around. @param {AbortSignal} signal that ends it */
  watch(signal) {
    this.#keyboard.watch(signal, this.element);
    this.#keyboard.addEventListener("taken", event => this.#take(/** @type {CustomEvent<PageFrame>} */ (event).detail), { signal });
  }

  /** Pages that are written over the kit look like the app around the shell, also those on view. @param {import("../look/look.js").Values} values */
  set look(values) {
    this.#look = values;
    for (const frame of this.#frames) frame.greet({ verb: "look", look: values });
  }

  get #frames() {
    return [this.#draft, this.#live, this.#next].filter(frame => frame !== null);
  }

  /** A page took the focus from where the visitor types. @param {PageFrame} frame */
  #take(frame) {
    const taken = (this.#taken.get(frame) ?? 0) + 1;
    this.#taken.set(frame, taken);
    if (taken < TAKES || frame !== this.#live) return;
    this.clear();
    this.dispatchEvent(new CustomEvent("grabbed"));
  }

  #prepare() {
    this.#draft?.remove();
    this.#draft = this.#build("/frame/draft", "The page, developing", () => this.#developing, DRAFT_ANSWERS);
  }

  /**
   * A page starts to develop; what is on view stays until there is something to see.
   * @param {string} page @param {string} [base] the page it is an edit of: what the visitor did to that is kept
   */
  begin(page, base = "") {
    this.#turn++;
    this.#next?.remove();
    const view = this.#remember();
    this.#handed = base && base === this.#page ? view : null;
    this.#carried = { page, view: this.#handed };
    if (this.#shown === this.#draft) this.#show(this.#replaying ? this.#live : null);
    this.#developing = page;
    this.#replaying = false;
    this.#html = null;
    this.#draft?.post({ verb: "reset" });
  }

  /** Whether drafts are shown; if not, what is on view stays until the page that follows it is final. @param {boolean} shown */
  set drafts(shown) {
    if (shown === this.#drafts) return;
    this.#drafts = shown;
    this.element.classList.toggle("final-only", !shown);
    if (shown) this.#flush();
    else if (this.#developing && this.#shown === this.#draft) this.#show(this.#live);
  }

  /** Show the newest draft with the next animation frame. @param {string} html @param {() => void} done */
  develop(html, done) {
    this.#html = html;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#flush();
      done();
    });
  }

  /** How far the draft is developed, from 0 to 1. @param {number} share */
  expose(share) {
    this.element.style.setProperty("--developed", share.toFixed(3));
  }

  /**
   * Show a committed page, in place of its draft or of another page, once it has loaded.
   * @param {string} page @param {string} key that gives the page what the session keeps for it @param {string} title
   */
  async commit(page, key, title) {
    const turn = ++this.#turn;
    const left = this.#remember();
    this.#flush();
    this.#html = null;
    await this.#renewing;
    const draft = this.#draft;
    const load = () => (this.#next = this.#build(this.#address(page, key), title, () => page));
    let next = load();
    const collected = await left;
    await this.#renewing;
    if (turn === this.#turn && draft !== this.#draft) {
      next.remove();
      next = load();
    }
    const carried = this.#carried.page === page && this.#carried.view ? (collected ?? (await this.#carried.view)) : null;
    const view = merged(await this.#view(page), carried);
    await Promise.race([next.loaded, new Promise(done => setTimeout(done, LOAD_PATIENCE))]);
    if (view && turn === this.#turn) await next.ask({ ...view, verb: "restore" }, "restored", ASK_PATIENCE);
    if (turn !== this.#turn) return next.remove();
    this.#live?.remove();
    this.#live = next;
    this.#next = null;
    this.#page = page;
    this.#developing = "";
    this.#replaying = false;
    this.#show(next, view !== null && view.focus >= 0);
  }

  /** Show a draft of the page on view once more, in place of the page. @param {string} html @param {number} share as for expose */
  replay(html, share) {
    if (!this.#live || this.#developing) return;
    this.#replaying = true;
    this.#draft?.post({ verb: "draft", page: this.#page, html });
    this.expose(share);
    this.#show(this.#draft);
  }

  /** The page itself again. */
  rest() {
    if (!this.#replaying) return;
    this.#replaying = false;
    if (this.#shown === this.#draft && !this.#developing) this.#show(this.#live);
  }

  /** Point out for a moment where the page on view differs from another. @param {string} html of the other */
  compare(html) {
    if (this.#shown === this.#live) this.#live?.post({ verb: "compare", html });
  }

  /** Let the visitor select an element of the page on view instead of using it, or no longer; the frame has the focus once it is ready. @param {boolean} on */
  select(on) {
    const frame = on && this.#shown === this.#live ? this.#live : null;
    if (frame === this.#selecting) return;
    this.#selecting?.post({ verb: "select", on: false });
    this.#selecting = frame;
    frame?.post({ verb: "select", on: true });
  }

  /** Whether a page or its draft is on view. @param {string} page */
  shows(page) {
    return this.#shown !== null && page === (this.#shown === this.#draft ? this.#developing : this.#page);
  }

  /** Nothing on view. */
  clear() {
    this.#turn++;
    this.#live?.remove();
    this.#live = null;
    this.#show(null);
  }

  /** Where a page is, in the look that it is to have from its first moment. @param {string} page @param {string} key */
  #address(page, key) {
    const look = encoded(this.#look);
    return `/frame/live/${encodeURIComponent(page)}?key=${encodeURIComponent(key)}${look && `&look=${look}`}`;
  }

  /** @param {string} path @param {string} title @param {() => string} page that the frame speaks for @param {number} [rate] see PageFrame */
  #build(path, title, page, rate) {
    const frame = new PageFrame(this.#origin, path, title, rate);
    if (Object.keys(this.#look).length) frame.greet({ verb: "look", look: this.#look });
    frame.addEventListener("said", event => this.#hear(frame, page(), /** @type {CustomEvent<Said>} */ (event).detail));
    frame.addEventListener(
      "left",
      event => frame === this.#shown && this.#leave(frame, page(), /** @type {CustomEvent<string>} */ (event).detail),
    );
    this.element.append(frame.element);
    return frame;
  }

  /** @param {PageFrame} frame @param {string} page @param {Said} said */
  #hear(frame, page, said) {
    if (said.verb === "shown" && frame === this.#draft && said.page === this.#developing) {
      if (said.title) this.dispatchEvent(new CustomEvent("title", { detail: said.title }));
      if (!said.blank && this.#drafts) this.#handOver(said.page);
    }
    if (said.verb === "call" && page && frame === this.#live) {
      const reply = (/** @type {import("./host-functions.js").Reply} */ message) => frame.post(message);
      const gesture = async () => this.#uses(frame) && (await frame.gesture()).made && this.#uses(frame);
      this.dispatchEvent(new CustomEvent("call", { detail: { ...said, page, reply, gesture } }));
    }
    if (said.verb === "store" && page && frame === this.#live)
      this.dispatchEvent(new CustomEvent("store", { detail: { page, data: said.data } }));
    if (said.verb === "hint" && page && frame === this.#live && frame === this.#shown)
      this.dispatchEvent(new CustomEvent("hint", { detail: { page, target: said.target } }));
    if (frame === this.#selecting) {
      if (said.verb === "selecting") this.#keyboard.lend(frame);
      if (said.verb === "leave") this.dispatchEvent(new CustomEvent("leave"));
      if (said.verb === "pick" || said.verb === "point") this.dispatchEvent(new CustomEvent(said.verb, { detail: said.target }));
    } else if (said.verb === "act" && page && frame === this.#shown) this.#act(frame, page, said.target);
  }

  /** Whether a page is on view, to be used by the visitor. @param {PageFrame} frame */
  #uses(frame) {
    return frame === this.#shown && frame !== this.#selecting && !this.element.inert;
  }

  /** Pass an action on, if a visitor made it. @param {PageFrame} frame @param {string} page @param {Target} target */
  async #act(frame, page, target) {
    if ((await frame.gesture()).made) this.dispatchEvent(new CustomEvent("act", { detail: { page, target } }));
  }

  /** A page tried to leave its frame: for another address of its own site as a link would, or for another site. @param {PageFrame} frame @param {string} page @param {string} to */
  #leave(frame, page, to) {
    const url = URL.parse(to);
    if (url?.origin !== this.#origin) return void this.dispatchEvent(new CustomEvent("left", { detail: url?.host || "another site" }));
    this.#act(frame, page, { tag: "a", text: "", href: url.pathname + url.search });
  }

  /**
   * Put one frame on view and keep the focus in it if it was in the one before. A frame that focuses one of its own fields
   * draws the focus by itself, a moment later; to focus its element before that would take the focus from the field again.
   * @param {PageFrame | null} frame @param {boolean} [itself] whether the frame does so
   */
  #show(frame, itself = false) {
    if (frame === this.#shown) return;
    if (this.#selecting) this.dispatchEvent(new CustomEvent("leave"));
    const before = this.#shown?.element;
    const had = before && focused(before) === before;
    frame?.element.classList.remove("waiting");
    before?.classList.add("waiting");
    this.#shown = frame;
    this.element.classList.toggle("empty", !frame);
    this.element.classList.toggle("developing", frame !== null && frame === this.#draft);
    if (!had || !frame) return;
    const follow = () => {
      const active = focused(this.element);
      if (!active || active === before) this.#keyboard.lend(frame);
    };
    if (itself) setTimeout(follow, FOCUS_LAG);
    else follow();
  }

  /** Show the draft, scrolled and filled in as the page was that it changes. @param {string} page */
  async #handOver(page) {
    const handed = this.#handed;
    this.#handed = null;
    const view = await handed;
    if (page !== this.#developing || !this.#drafts) return;
    if (view) this.#draft?.post({ ...view, verb: "restore", focus: -1 });
    this.#show(this.#draft);
  }

  #flush() {
    if (this.#html === null || !this.#drafts) return;
    this.#draft?.post({ verb: "draft", page: this.#developing, html: this.#html });
    this.#html = null;
  }

  /** What the visitor did to the draft of a page, or to the page when it was last on view. @param {string} page */
  async #view(page) {
    const drafted = this.#shown === this.#draft && this.#developing === page;
    if (drafted) return (await this.#draft?.ask({ verb: "collect" }, "view", ASK_PATIENCE)) ?? null;
    return page === this.#page ? null : this.#views.of(page);
  }

  /** Keep the view of the live page, which is about to go. */
  async #remember() {
    const page = this.#page;
    if (this.#live === null || this.#shown !== this.#live) return null;
    const live = this.#live;
    const view = await live.ask({ verb: "collect" }, "view", ASK_PATIENCE);
    if (view) this.#views.keep(page, view);
    else if (live === this.#live) await (this.#renewing = this.#renew());
    return view;
  }

  /** All frames share a process, which a page whose script never ends holds up. Once they are all gone, the browser ends it. */
  async #renew() {
    this.#show(null);
    for (const frame of [this.#live, this.#next, this.#draft]) frame?.remove();
    this.#live = this.#next = this.#draft = null;
    await new Promise(done => setTimeout(done, LAST_BREATH));
    this.#prepare();
  }
}
