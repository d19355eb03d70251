/**
 * One page's sandboxed frame, behind the document that guards it (frame/guard.js), and the port into it. The outer iframe is put
 * into the document once and never moved: that would reload it.
 * @import { Said } from "./frame-messages.js"
 */
import { h } from "../shell/dom.js";
import { readSaid } from "./frame-messages.js";

const PER_SECOND = 30;
const HANDSHAKES = 20;
/** How long a message may take to be read, before each further millisecond counts as one more. ms */
const FREE = 10;
/** How long the guard may take to answer: its process may be the page's. ms */
const ANSWER = 1000;

/** @typedef {{made: boolean, since: boolean}} Gesture made: in the page, within the last seconds; since: and after all that was done in the shell */

/** Fires "said" (detail: Said) for every message that passes inspection, and "left" (detail: string) with the address for
 * which the page tried to leave its frame. */
export class PageFrame extends EventTarget {
  /** @type {MessagePort | null} */ #port = null;
  /** @type {object[]} */ #waiting = [];
  /** @type {object | null} */ #greeting = null;
  #allowance;
  #counted = performance.now();
  #handshakes = 0;
  #rate;
  #origin;
  /** @type {Map<number, (gesture: Gesture) => void>} */ #questions = new Map();
  #asked = 0;

  /** @param {string} origin of frames @param {string} path of the page's document there @param {string} title @param {number} [rate] messages a second that are heard */
  constructor(origin, path, title, rate = PER_SECOND) {
    super();
    this.#origin = origin;
    this.#rate = this.#allowance = rate;
    this.element = h("iframe", { src: `${origin}/frame/guard#${path}`, title, class: "waiting" });
    /** Resolves when the document has loaded. */
    this.loaded = new Promise(done => this.element.addEventListener("load", done, { once: true }));
    addEventListener("message", this.#listen);
  }

  /**
   * Whether the visitor did something in the page within the last seconds. @param {number} [patience] how late it may become known, ms
   * @returns {Promise<Gesture>}
   */
  gesture(patience = 500) {
    return new Promise(done => {
      const id = ++this.#asked;
      this.#questions.set(id, done);
      setTimeout(() => this.#answer(id, { made: false, since: false }), patience + ANSWER);
      this.#tell({ silverprint: "gesture", id, patience });
    });
  }

  /** The visitor did something outside of the page. */
  elsewhere() {
    this.#tell({ silverprint: "elsewhere" });
  }

  /** Send a message; before the frame is ready it waits. @param {{verb: string, [key: string]: unknown}} message */
  post(message) {
    if (this.#port) this.#port.postMessage(message);
    else this.#waiting.push(message);
  }

  /** Send a message now, and first to every document that is loaded into the frame from now on. @param {{verb: string, [key: string]: unknown}} message */
  greet(message) {
    this.#greeting = message;
    this.#port?.postMessage(message);
  }

  /**
   * Send a message and wait for the answer; null if none comes in time.
   * @template {Said["verb"]} V
   * @param {{verb: string, [key: string]: unknown}} message @param {V} verb of the answer @param {number} patience ms
   * @returns {Promise<Extract<Said, {verb: V}> | null>}
   */
  ask(message, verb, patience) {
    return new Promise(done => {
      const settle = (/** @type {any} */ answer) => {
        clearTimeout(timer);
        this.removeEventListener("said", listen);
        done(answer);
      };
      const listen = (/** @type {any} */ event) => event.detail.verb === verb && settle(event.detail);
      const timer = setTimeout(settle, patience, null);
      this.addEventListener("said", listen);
      this.post(message);
    });
  }

  remove() {
    removeEventListener("message", this.#listen);
    this.#port?.close();
    this.element.remove();
  }

  /** Tell the guard, once it is there. @param {object} message @param {Transferable[]} [transfer] */
  #tell(message, transfer = []) {
    if (this.#handshakes) this.element.contentWindow?.postMessage(message, this.#origin, transfer);
  }

  /** A message is read only when it is known to be the guard's: whatever a page sends is unpacked when it is read. */
  #listen = (/** @type {MessageEvent} */ event) => {
    if (!event.source || event.source !== this.element.contentWindow || event.origin !== this.#origin) return;
    const { data } = event;
    if (data?.silverprint === "ready") this.#shake();
    if (data?.silverprint === "gesture") this.#answer(data.id, { made: data.made === true, since: data.since === true });
    if (data?.silverprint === "left") this.dispatchEvent(new CustomEvent("left", { detail: String(data.to) }));
  };

  /** @param {number} id @param {Gesture} gesture */
  #answer(id, gesture) {
    this.#questions.get(id)?.(gesture);
    this.#questions.delete(id);
  }

  /** A page that says it is ready gets a port. */
  #shake() {
    if (++this.#handshakes > HANDSHAKES) return;
    this.#port?.close();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = event => this.#hear(event);
    this.#port = port1;
    this.#tell({ silverprint: "port" }, [port2]);
    if (this.#greeting) port1.postMessage(this.#greeting);
    for (const message of this.#waiting.splice(0)) port1.postMessage(message);
  }

  /** What takes long to unpack counts as many messages, since the shell does nothing else meanwhile. @param {MessageEvent} event */
  #hear(event) {
    const now = performance.now();
    this.#allowance = Math.min(this.#rate, this.#allowance + ((now - this.#counted) / 1000) * this.#rate);
    this.#counted = now;
    if (this.#allowance < 1) return;
    const said = readSaid(event.data);
    this.#allowance -= Math.max(1, performance.now() - now - FREE);
    if (said) this.dispatchEvent(new CustomEvent("said", { detail: said }));
  }
}
