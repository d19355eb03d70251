/**
 * One sandboxed iframe and the port into it. The iframe is put into the document once and never moved: that would reload it.
 * @import { Said } from "./untrusted.js"
 */
import { h } from "./dom.js";
import { readSaid } from "./untrusted.js";

const PER_SECOND = 30;
const HANDSHAKES = 20;

/** Fires "said" (detail: Said) for every message that passes inspection. */
export class PageFrame extends EventTarget {
  /** @type {MessagePort | null} */ #port = null;
  /** @type {object[]} */ #waiting = [];
  #allowance;
  #counted = performance.now();
  #handshakes = 0;
  #rate;

  /** @param {string} address @param {string} title @param {number} [rate] messages a second that are heard */
  constructor(address, title, rate = PER_SECOND) {
    super();
    this.#rate = this.#allowance = rate;
    this.element = h("iframe", { src: address, title, sandbox: "allow-scripts allow-forms", class: "waiting" });
    /** Resolves when the document has loaded. */
    this.loaded = new Promise(done => this.element.addEventListener("load", done, { once: true }));
    addEventListener("message", this.#shake);
  }

  /** Send a message; before the frame is ready it waits. @param {{verb: string, [key: string]: unknown}} message */
  post(message) {
    if (this.#port) this.#port.postMessage(message);
    else this.#waiting.push(message);
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
    removeEventListener("message", this.#shake);
    this.#port?.close();
    this.element.remove();
  }

  /** A frame that says it is ready gets a port. Its opaque origin has no name, so the window is what identifies it. */
  #shake = (/** @type {MessageEvent} */ event) => {
    const frame = this.element.contentWindow;
    if (!frame || event.source !== frame || event.origin !== "null" || event.data?.silverprint !== "ready") return;
    if (++this.#handshakes > HANDSHAKES) return;
    this.#port?.close();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => this.#hear(data);
    this.#port = port1;
    frame.postMessage({ silverprint: "port" }, "*", [port2]);
    for (const message of this.#waiting.splice(0)) port1.postMessage(message);
  };

  /** @param {unknown} data */
  #hear(data) {
    const now = performance.now();
    this.#allowance = Math.min(this.#rate, this.#allowance + ((now - this.#counted) / 1000) * this.#rate);
    this.#counted = now;
    if (this.#allowance < 1) return;
    this.#allowance -= 1;
    const said = readSaid(data);
    if (said) this.dispatchEvent(new CustomEvent("said", { detail: said }));
  }
}
