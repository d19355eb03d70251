/**
 * <silverprint-shell>: a browser for pages that are written as you open them. Holds the parts together; each part is a file.
 *
 * Attributes: `world` (web, os or app: all that is made; any: whatever a prompt is best answered by; without it the visitor chooses), `prompt` (asked for once, when the session has no page yet),
 * `controls` ("none": the page alone), `drafts` ("off": only final pages, else the visitor's choice), `theme` (light or dark, else the visitor's), `prefetch` ("off"), `token` (for origins that
 * need one), `tickets` (address at the page's own site that answers a POST with `{"ticket": ...}`, asked before each connection), `socket` (address of the websocket; by default that of the service this module came from), `id` (shells with
 * different ids have sessions of their own), `standalone` (the document is the shell: its title and all its keys), `kit` (how new pages look: words of
 * the kit, "cards ocean round", or the address of a style sheet whose `--kit-…` are read as if they stood on the element; see docs/kit.md).
 * Events, all bubbling: `silverprint-start` and `-commit` (detail: PageInfo; of a committed page in doubt with its `doubt`, as of page.commit), `-frame` (detail: Progress), `-action` (detail: what is
 * about to be sent; can be prevented), `-error` (detail: {code, message}). Parts: toolbar, strip, page, start, doubt, notice, composer.
 * @import { Here } from "./shell/page-state.js"
 * @import { Way } from "./shell/sharing.js"
 * @import { ViewName } from "./shell/toolbar.js"
 * @import { ClientMessage, Delta, Doubt, Failure, Keyframe, PageCommit, PageQueued, PageStart, PageStopped, ServerMessage, Target, Welcome, World, WorldOrAny } from "../types/messages.js"
 */
import { CanvasView } from "./shell/canvas-view.js";
import { Changes } from "./shell/diff-view.js";
import { Composer } from "./shell/composer.js";
import { Connection } from "./wire/connection.js";
import { h, on } from "./shell/dom.js";
import { DoubtLine } from "./shell/doubt-notice.js";
import { Drafts } from "./shell/draft-preference.js";
import { Foresight } from "./shell/prefetch.js";
import { NOWHERE, views, ways } from "./shell/page-state.js";
import { Host } from "./pages/host-functions.js";
import { press } from "./shell/shortcuts.js";
import { Line, standing } from "./shell/queue-notice.js";
import { Look } from "./look/look.js";
import { isAddress } from "./look/sheet.js";
import { Meter } from "./shell/progress-meter.js";
import { Notice } from "./shell/notice.js";
import { Album } from "./replay/history.js";
import { Selection } from "./shell/selection.js";
import { share, sharedPage } from "./shell/sharing.js";
import { Stage } from "./pages/stage.js";
import { Start } from "./shell/start-screen.js";
import { Strip } from "./shell/progress-strip.js";
import { exhibit, plain } from "./shell/untrusted-text.js";
import { Tone } from "./shell/color-scheme.js";
import { Toolbar } from "./shell/toolbar.js";
import { Unasked } from "./pages/rate-limit.js";
import { Voice } from "./voice/voice.js";

const STYLE = new URL("shell.css", import.meta.url).href;
/** Errors after which a visitor will want the words back. */
const RETURN_WORDS = new Set(["prompt_too_long", "rate_limited", "busy", "page_failed", "unknown_page", "internal", "empty_prompt"]);
/** Mistakes of whoever embeds the shell, of which its visitors need not hear. */
const OF_HOSTS = new Set(["bad_style", "kit_unavailable"]);
const STORED = "This page was stored. The canvas shows only while a page develops.";

/** As backend/sessions/notifier.py says it. */
const UNCHANGED = "Nothing changed: the page came out as it was. Try saying it another way.";

/** @typedef {{page: string, url: string, title: string, world: WorldOrAny}} PageInfo world: "any" until the page has shown which it is */
/** @typedef {{page: string, block: number, step: number, steps: number, share: number}} Progress share: settled, 0 to 1 */

export class SilverprintShell extends HTMLElement {
  static observedAttributes = ["drafts", "kit", "theme"];

  #toolbar = new Toolbar();
  #strip = new Strip();
  #start = new Start();
  #stage = new Stage();
  #canvas = new CanvasView();
  #voice = new Voice();
  #album = new Album();
  #changes = new Changes();
  #composer = new Composer(this.#voice.element);
  #notice = new Notice();
  #doubt = new DoubtLine();
  #host = new Host();
  #drafts = new Drafts();
  #foresight = new Foresight();
  #unasked = new Unasked((page, data) => this.#connection?.act({ type: "store", page, data }));
  #line = new Line();
  #tone = new Tone(now => this.setAttribute("tone", this.getAttribute("theme") ?? now));
  #hostLook = new Look(this, values => (this.#stage.look = values));
  #live = h("p", { class: "unseen", role: "status", "aria-live": "polite" });
  #selection = new Selection(this.#stage, this.#composer, words => (this.#live.textContent = words));
  #room = h(
    "div",
    { class: "room" },
    this.#stage.element,
    this.#canvas.element,
    this.#album.tokens.element,
    this.#changes.element,
    this.#start.element,
  );
  /** @type {Connection | null} */ #connection = null;
  /** @type {AbortController | null} */ #listening = null;

  /** The page on view or developing. @type {Here} */
  #page = { ...NOWHERE };
  #running = false;
  #private = false;
  #key = "";
  #home = true;
  /** @type {ViewName} */ #view = "page";
  #draft = "";
  #meter = new Meter();

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const body = h(
      "div",
      { class: "shell", hidden: true },
      this.#toolbar.element,
      this.#strip.element,
      this.#room,
      this.#album.player.element,
      this.#doubt.element,
      this.#notice.element,
      this.#composer.element,
      this.#live,
    );
    const show = () => (body.hidden = false);
    root.append(h("link", { rel: "stylesheet", href: STYLE, onload: show, onerror: show }), body, this.#hostLook.element);
    this.#wire();
  }

  connectedCallback() {
    this.#connection = new Connection(this.#socket, this.id, this.getAttribute("token"), this.getAttribute("tickets"));
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const world = /** @type {WorldOrAny | null} */ (this.getAttribute("world"));
    if (world) this.#composer.world = world;
    this.#composer.free = !world;
    this.#tone.follow(signal);
    this.#hostLook.follow(signal);
    this.#dress();
    this.#stage.watch(signal);
    if (this.hasAttribute("standalone")) this.#room.role = "main";
    on(this.#connection, { message: message => this.#receive(message), state: state => this.#connected(state) });
    const keys = this.hasAttribute("standalone") ? document : this;
    keys.addEventListener("keydown", event => press(/** @type {KeyboardEvent} */ (event), this.#desk(event.timeStamp)), { signal });
    keys.addEventListener("keyup", event => /** @type {KeyboardEvent} */ (event).code === "KeyV" && this.#voice.release(event.timeStamp), {
      signal,
    });
    this.#connection.open();
    this.#render();
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (!this.#connection) return;
    if (name === "kit") this.#dress();
    else if (name === "theme") this.setAttribute("tone", this.getAttribute("theme") ?? this.#tone.now);
    else this.#render();
  }

  /** Have pages look as the attribute `kit` says: models are told words, properties are read from a style sheet. */
  #dress() {
    const kit = (this.getAttribute("kit") ?? "").trim();
    const address = isAddress(kit) ? kit : "";
    if (this.#connection) this.#connection.style = address ? "" : kit;
    this.#hostLook.take(address).catch(error => this.#fail({ code: "kit_unavailable", message: String(error?.message ?? error) }));
  }

  /** Address of the service's websocket. */
  get #socket() {
    return this.getAttribute("socket") ?? new URL("/ws", import.meta.url).href.replace(/^http/, "ws");
  }

  /** The page on view or developing; null before there is one. @returns {PageInfo | null} */
  get page() {
    const { page, url, title, world } = this.#page;
    return page ? { page, url, title, world } : null;
  }

  /** Whether a page is developing. */
  get busy() {
    return this.#running;
  }

  /** Ask for a page. @param {string} text @param {{world?: WorldOrAny}} [options] world: of the page, else as the visitor has chosen */
  prompt(text, { world = this.#composer.world } = {}) {
    this.#ask({ text, world });
  }

  /** Change the page on view. @param {string} text what should change @param {{target?: Target | null}} [options] target: the element it is about */
  edit(text, { target } = {}) {
    this.#act({ type: "prompt", text, edit: true, ...(target && { target }) });
  }

  /** Go to an address, "/wiki/lava". @param {string} url */
  navigate(url) {
    this.#act({ type: "navigate", url });
  }

  /** Read the `--kit-…` properties of the element anew, after a change that the shell cannot see: a style sheet that was added, say. */
  refreshLook() {
    this.#hostLook.refresh();
  }

  /** Stop the page that develops. */
  cancel() {
    this.#connection?.act({ type: "cancel" });
  }

  /**
   * Let pages call a function of yours as `silverprint.call(name, ...args)`; each call needs the visitor's consent, who sees the
   * arguments. They and results travel as JSON, and come from a page that a model wrote: check them. Returns a function that takes it back.
   * @param {string} name @param {(...args: any[]) => unknown} run @param {{about?: string, remember?: boolean}} [options] about: what it does,
   * as in "This page asks to ...": "add this to your basket"; remember: a page that was allowed it once may call it again, with whatever arguments
   */
  register(name, run, options = {}) {
    return this.#host.register(name, run, options);
  }

  /** Tell the page around. @param {string} type @param {unknown} detail @returns {boolean} whether nobody prevented it */
  #tell(type, detail) {
    return this.dispatchEvent(new CustomEvent(`silverprint-${type}`, { detail, bubbles: true, composed: true, cancelable: true }));
  }

  disconnectedCallback() {
    this.#voice.abort();
    this.#host.drop();
    this.#unasked.flush();
    this.#listening?.abort();
    this.#connection?.close();
  }

  #wire() {
    on(this.#toolbar, {
      home: () => this.#goHome(!this.#home),
      back: () => (this.#home && this.#page.page ? this.#goHome(false) : this.#go(-1)),
      forward: () => this.#go(1),
      reload: ({ fresh }) => (fresh ? this.#act({ type: "navigate", url: this.#page.url, fresh }) : this.#reload()),
      stop: () => this.cancel(),
      navigate: url => this.#act({ type: "navigate", url }),
      view: view => this.#look(view),
      share: way => this.#share(way),
      drafts: () => this.#toggleDrafts(),
      tone: () => this.#tone.toggle(),
    });
    on(this.#stage, {
      act: (/** @type {{page: string, target: Target}} */ { page, target }) =>
        this.#unasked.mayAct() && this.#act({ type: "act", page, target }),
      hint: (/** @type {{page: string, target: Target}} */ { page, target }) => this.#prefetch(page, target),
      call: async ({ reply, ...call }) => reply(await this.#host.call(call)),
      store: ({ page, data }) => this.#unasked.keep(page, data),
      left: site => this.#complain(`This page tried to leave for ${site} and was stopped.`),
      grabbed: () => this.#complain("This page kept taking the keyboard from where you type, and was put away. Reload opens it again."),
      title: title => this.#entitle(title),
    });
    on(this.#start, { world: world => this.#pick(world), prompt: ask => this.#ask(ask) });
    on(this.#doubt, { ask: ask => this.#ask(ask), leave: () => this.#composer.focus() });
    on(this.#composer, { prompt: ask => this.#ask(ask), undo: () => this.#go(-1), redo: () => this.#go(1) });
    on(this.#album, { moment: ({ html, share }) => this.#view === "replay" && this.#stage.replay(html, share) });
    on(this.#line, { show: position => this.#stand(position), say: words => (this.#live.textContent = words) });
    on(this.#host, { ask: question => this.#question(question), answered: () => this.#notice.clear("host") });
    on(this.#notice, {
      take: about => this.#agree(about),
      leave: about => this.#refuse(about),
      lost: about => about === "host" && this.#host.drop(),
    });
    on(this.#voice, {
      state: state => this.#composer.hear(state),
      interim: words => this.#composer.spoken(words, false),
      said: words => this.#said(words),
      fail: why => this.#complain(why),
      consent: host => this.#notice.say(`To be turned into words, what you say is sent to ${host}.`, "voice", "Allow"),
    });
  }

  #toggleDrafts() {
    this.#drafts.toggle();
    this.#render();
  }

  /** A page asks for a function of the host. @param {import("./pages/host-functions.js").Question} question */
  #question({ about, json }) {
    const { title, url } = this.#page;
    const asker = h("p", { class: "asker" }, h("bdi", {}, plain(title.slice(0, 80))), " ", h("bdi", {}, plain(url.slice(0, 120))));
    this.#notice.say(`This page asks to ${about}.`, "host", "Allow", { more: [asker, ...exhibit(json)] });
    this.#live.textContent = `This page asks to ${about}.`;
  }

  /** A question of a page that is not on view any more is none. */
  #attend() {
    if (this.#host.asking && (this.#stage.element.inert || !this.#stage.shows(this.#host.asking))) this.#host.drop();
  }

  /** The visitor takes what a notice offers. @param {string} about */
  #agree(about) {
    this.#attend();
    this.#notice.clear(about);
    if (about === "voice") this.#voice.consent();
    else if (about === "host") this.#host.allow();
    else if (about === "line") this.cancel();
    else if (about === "file") this.#share("download");
    else this.#connection?.open();
  }

  /** The visitor dismisses a notice. @param {string} about */
  #refuse(about) {
    if (about === "host") this.#host.refuse();
    if (about === "line") this.#line.hushed = true;
  }

  /** What a visitor said aloud. @param {string} words */
  #said(words) {
    if (!words) return this.#complain("Nothing was heard. Speak again, or type instead.");
    this.#live.textContent = `You said: ${words}`;
    this.#composer.spoken(words, true);
  }

  /** @param {string} words */
  #complain(words) {
    this.#notice.say(words);
    this.#live.textContent = words;
  }

  /** Have the service begin what the visitor is likely to open next. @param {string} page @param {Target} target */
  #prefetch(page, target) {
    if (this.#running || this.getAttribute("prefetch") === "off" || !this.#foresight.allows()) return;
    this.#connection?.act({ type: "prefetch", page, target });
  }

  /**
   * Give the page on view to others, or take it along. A private page has no link; as a file it is the visitor's own to hand on.
   * @param {Way} way
   */
  async #share(way) {
    const { page, title } = this.#page;
    if (way === "link" && this.#private)
      return this.#propose("This page was made from what you filled in, so it is not shared. You can save it for yourself.");
    const { words, instead } = await share(way, { page, title, key: this.#key, socket: this.#socket });
    if (page !== this.#page.page || !words) return;
    if (instead) this.#propose(words);
    else this.#complain(words);
  }

  /** Say something, and offer the page as a file. @param {string} words */
  #propose(words) {
    this.#notice.say(words, "file", "Download");
    this.#live.textContent = words;
  }

  /** @param {World} world */
  #pick(world) {
    this.#composer.world = world;
    this.#composer.focus();
  }

  /** @param {{text: string, world: WorldOrAny, edit?: boolean, target?: Target | null}} ask */
  #ask({ text, world, edit = false, target }) {
    if (edit) this.edit(text, { target });
    else this.#act({ type: "prompt", text, ...(world !== "any" && { world }) });
  }

  /** @param {ClientMessage} message */
  #act(message) {
    if (!this.#tell("action", message)) return;
    this.#host.refuse();
    this.#notice.clear();
    this.#notice.clear("file");
    this.#unasked.flush();
    this.#connection?.act(message);
  }

  /** Show the page anew; it may ask once more for what was refused to it. */
  #reload() {
    this.#go(0);
    this.#host.forgive(this.#page.page);
  }

  /** @param {number} delta */
  #go(delta) {
    this.#act({ type: "go", delta });
  }

  /** @param {ServerMessage} message */
  #receive(message) {
    switch (message.type) {
      case "welcome":
        this.#welcome(message);
        break;
      case "page.start":
        this.#begin(message);
        break;
      case "page.queued":
        this.#wait(message);
        break;
      case "keyframe":
      case "frame":
        return this.#develop(message);
      case "page.commit":
        this.#commit(message);
        break;
      case "page.stopped":
        this.#stopped(message);
        break;
      case "error":
        this.#fail(message);
        break;
      default:
        return;
    }
    this.#connection?.acknowledge(message.seq);
    this.#render();
  }

  /** @param {Welcome} message */
  #welcome({ resumed, model, frames, voice, history, index }) {
    this.#line.leave();
    this.#stage.open(frames);
    this.#voice.offer(voice ? new URL("voice", this.#socket).href : "");
    this.#strip.label(model);
    const here = history[index];
    if (!resumed || !here) {
      this.#page = { ...NOWHERE };
      this.#running = false;
      this.#stage.clear();
      this.#strip.rest();
      this.#goHome(true);
    } else if (here.page !== this.#page.page) {
      this.#page = { ...NOWHERE, ...here, index, length: history.length };
      this.#running = here.state === "running";
      this.#goHome(false);
    }
    const first = this.getAttribute("prompt");
    if (first && !history.length) this.prompt(first);
    if (this.hasAttribute("standalone")) this.#openShared();
  }

  /** A tab opened at the address of a shared page goes there, once. */
  #openShared() {
    const page = sharedPage(location.pathname);
    if (!page) return;
    if (location.pathname.startsWith("/p/")) history.replaceState(null, "", "/");
    this.#act({ type: "open", page });
  }

  /** @param {PageStart} message */
  #begin({ page, url, world, base, undo, redo, index, length }) {
    this.#line.leave();
    this.#doubt.clear();
    this.#page = { page, url, world, title: "", base, undo, redo, index, length };
    this.#album.begin(page);
    if (this.#view === "replay" || this.#view === "changes") this.#view = "page";
    this.#running = true;
    this.#draft = "";
    this.#meter = new Meter();
    this.#stage.begin(page, base);
    this.#stage.expose(0);
    this.#canvas.clear("The first canvas is on its way.");
    this.#strip.rest(["exposing"]);
    this.#goHome(false);
    this.#tell("start", this.page);
  }

  /** @param {PageQueued} message */
  #wait({ page, position }) {
    if (page !== this.#page.page) this.#adopt(page);
    this.#running = true;
    this.#line.stand(position);
  }

  /** Show a place in line; at 0 the wait is over. @param {number} position */
  #stand(position) {
    this.#strip.rest([position ? `number ${position} in line` : "exposing"]);
    if (!position) this.#notice.clear("line");
    else if (!this.#line.hushed) this.#notice.say(standing(position), "line", "Stop", { subject: "line" });
  }

  /** @param {Keyframe | Delta} message */
  #develop(message) {
    this.#line.leave();
    if (message.page !== this.#page.page) this.#adopt(message.page);
    if (message.type === "keyframe") this.#draft = message.html;
    else this.#draft = this.#draft.slice(0, message.at) + message.text + this.#draft.slice(message.at + message.cut);
    this.#canvas.update(message.block, message.tokens);
    this.#album.add(message, this.#draft);
    this.#measure(message);
    this.#stage.develop(this.#draft, () => this.#connection?.acknowledge(message.seq));
  }

  /** A page that went on while the connection was lost, or while this tab was closed. @param {string} page */
  #adopt(page) {
    this.#begin({ ...this.#page, page, type: "page.start", seq: 0, prompt: "" });
    this.#render();
  }

  /** @param {Keyframe | Delta} message */
  #measure(message) {
    const { block, step, steps, reading } = message;
    const { share, developed, rate } = this.#meter.read(message);
    this.#running = true;
    this.#stage.expose(developed);
    this.#strip.progress({ block, step, steps, reading, share, rate, corrections: this.#canvas.corrections });
    this.#tell("frame", { page: message.page, block, step, steps, share });
  }

  /** @param {PageCommit} message */
  async #commit({ page, url, world, title, html, key, stats, private: secret, base, undo, redo, index, length, unchanged, doubt }) {
    this.#private = secret;
    this.#key = key;
    this.#album.commit(page, html);
    const developed = this.#running && page === this.#page.page;
    if (!developed) this.#canvas.clear(STORED);
    this.#settle({ page, url, world, title, base, undo, redo, index, length });
    this.#strip.done(stats);
    this.#stage.expose(1);
    this.#entitle(title);
    await this.#stage.commit(page, key, title || url);
    this.#render();
    if (page === this.#page.page) {
      this.#live.textContent = `Page ready: ${title || url}`;
      if (developed && unchanged) this.#complain(UNCHANGED);
      else if (developed && doubt) this.#suggest(doubt);
      this.#tell("commit", { ...this.page, ...(doubt && { doubt }) });
    }
    const before = this.#album.html(base);
    if (developed && !unchanged && before && page === this.#page.page) this.#stage.compare(before);
  }

  /** The model was not sure of the page: say so, and what it knows instead. @param {Doubt} doubt */
  #suggest(doubt) {
    const only = /** @type {WorldOrAny | null} */ (this.getAttribute("world")) ?? "any";
    this.#live.textContent += `. ${this.#doubt.show(doubt, only)}`;
    this.#render();
  }

  /** @param {PageStopped} message */
  #stopped({ page, url, world, title, html, key, reason, base, undo, redo, index, length }) {
    if (reason === "superseded") return;
    this.#key = key;
    this.#settle({ page, url, world, title, base, undo, redo, index, length });
    this.#strip.rest(["stopped"]);
    if (html) this.#stage.commit(page, key, title || url).then(() => this.#render());
    else if (!this.#stage.shows(page)) this.#notice.say("Nothing of this page was finished; reload makes it anew.");
    if (reason !== "failed") this.#live.textContent = "Page stopped";
    if (reason === "queue_timeout") this.#notice.say("The line was too long to wait any longer; reload asks again.");
    if (reason === "too_long") this.#notice.say("This page grew too long and was stopped. What was finished of it is kept.");
    if (reason === "timeout") this.#notice.say("This page took too long and was stopped. What was finished of it is kept.");
  }

  /** @param {Here} page */
  #settle(page) {
    this.#line.leave();
    this.#doubt.clear();
    if (page.page !== this.#page.page && this.#view !== "canvas") this.#view = "page";
    this.#page = page;
    this.#running = false;
    this.#goHome(false);
  }

  /** @param {Pick<Failure, "code" | "message">} failure */
  #fail({ code, message }) {
    this.#tell("error", { code, message });
    if (OF_HOSTS.has(code)) return console.warn(`silverprint-shell: ${message}`);
    if (RETURN_WORDS.has(code)) this.#composer.giveBack();
    if (code === "unknown_session") return this.#notice.say("Your last session has ended; this is a new one.");
    this.#complain(message);
  }

  /** @param {string} state */
  #connected(state) {
    if (state === "open") this.#notice.clear("connection");
    if (state === "lost") this.#notice.say("The connection is lost; trying again.", "connection");
    if (state === "replaced") this.#notice.say("This session is open in another tab.", "connection", "Use it here");
    if (state === "refused") this.#notice.say("The service refused the connection.", "connection", "Try again");
  }

  /** @param {boolean} home */
  #goHome(home) {
    this.#home = home || !this.#page.page;
    if (this.#home) this.#entitle("");
    else this.#entitle(this.#page.title);
    this.#render();
  }

  /** @param {ViewName} view */
  #look(view) {
    this.#view = view;
    if (this.#page.page) this.#home = false;
    const { page, base, title, url } = this.#page;
    if (view === "changes") this.#changes.show(this.#album.html(base), this.#album.html(page));
    if (view === "replay") this.#album.open(page, title || url);
    this.#render();
  }

  /** @param {string} title */
  #entitle(title) {
    if (title) this.#page.title = title;
    if (this.hasAttribute("standalone")) document.title = title && !this.#home ? `${title} · Silverprint` : "Silverprint";
  }

  /** What keys do. @param {number} at when one was pressed @returns {import("./shell/shortcuts.js").Desk} */
  #desk(at) {
    const done = (/** @type {unknown} */ _) => true;
    const { back, forward } = ways(this.#page, this.#home);
    return {
      writing: this.shadowRoot?.activeElement?.matches("input[type=text], textarea") ?? false,
      escape: () => this.#escape(),
      speak: () => !this.#voice.element.hidden && done(this.#voice.press(at)),
      focus: () => done(this.#composer.focus()),
      undo: () => this.#step(false) && done(this.#go(-1)),
      redo: () => this.#step(true) && done(this.#go(1)),
      back: () => back && done(this.#toolbar.dispatchEvent(new CustomEvent("back"))),
      forward: () => forward && done(this.#go(1)),
    };
  }

  /** Stop the latest thing that is going on. */
  #escape() {
    if (this.#voice.on) this.#voice.abort();
    else if (this.#composer.keep()) this.#composer.focus();
    else if (this.#selection.on) this.#selection.leave();
    else if (this.#running) this.cancel();
    else {
      this.#notice.clear();
      this.#doubt.clear();
    }
    return true;
  }

  /** Whether there is an edit to undo or redo. @param {boolean} redo */
  #step(redo) {
    return !this.#running && !this.#home && (redo ? this.#page.redo : this.#page.undo);
  }

  #render() {
    const { page, url } = this.#page;
    const view = this.#home ? "" : this.#view;
    const settled = !this.#running && !this.#home;
    const fixed = this.getAttribute("drafts") === "off";
    const drafts = !fixed && !this.#drafts.off;
    this.#toolbar.update({
      ...ways(this.#page, this.#home),
      page: page !== "" && !this.#home,
      running: this.#running,
      url: this.#home ? "" : url,
      view: this.#view,
      drafts,
      fixed,
      views: views(this.#page, { settled, seen: this.#album.saw(page) }),
    });
    if (view !== "replay") {
      this.#album.player.pause();
      this.#stage.rest();
    }
    const bare = this.getAttribute("controls") === "none";
    for (const { element } of [this.#toolbar, this.#strip, this.#composer]) element.hidden = bare;
    this.#strip.element.classList.toggle("home", this.#home);
    this.#start.element.hidden = !this.#home;
    this.#doubt.render(!this.#home && !bare);
    this.#stage.element.inert = view !== "page" && view !== "replay";
    this.#room.classList.toggle("split", view === "replay");
    this.#album.player.element.hidden = this.#album.tokens.element.hidden = view !== "replay";
    this.#changes.element.hidden = view !== "changes";
    this.#stage.drafts = drafts;
    this.#stage.element.ariaBusy = String(this.#running);
    this.#canvas.element.hidden = view !== "canvas";
    const select = settled && view === "page" && this.#stage.shows(page);
    if (!select) this.#selection.end();
    this.#attend();
    this.#composer.offer({ page: this.#home ? "" : page, select, undo: this.#step(false), redo: this.#step(true) });
  }
}
