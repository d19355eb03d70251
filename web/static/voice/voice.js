/**
 * The microphone button: press and hold, or press once to begin and again to end; a pause ends an utterance too. Only while its
 * light is on is anything recorded, and sound leaves this machine only after the visitor has said so once.
 */
import { h, icon } from "../shell/dom.js";
import { BrowserEar, hearsLocally } from "./browser-recognizer.js";
import { ServiceEar } from "./server-recognizer.js";

const MICROPHONE = "M12 4a2.6 2.6 0 0 1 2.6 2.6v5a2.6 2.6 0 0 1-5.2 0v-5A2.6 2.6 0 0 1 12 4M6.5 11.5a5.5 5.5 0 0 0 11 0M12 17v3.2";
/** Longer than this is held, not pressed. ms */
const HOLD = 450;
const CONSENT = "silverprint.voice";
const THIS_MACHINE = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** @typedef {"off" | "opening" | "listening" | "hearing" | "thinking"} VoiceState */

/**
 * Fires "state" (detail: VoiceState), "interim" (detail: words so far), "said" (detail: string; "" when nothing was said), "fail"
 * (detail: string) and "consent" (detail: host that the sound would go to).
 */
export class Voice extends EventTarget {
  /** @type {ServiceEar | BrowserEar | null} */ #ear = null;
  #address = "";
  #pressed = 0;
  element = h(
    "button",
    {
      type: "button",
      class: "voice",
      "aria-pressed": "false",
      "aria-keyshortcuts": "Alt+V",
      hidden: true,
      onpointerdown: event => event.button === 0 && this.press(event.timeStamp),
      onpointerup: event => this.release(event.timeStamp),
      onclick: event => event.detail === 0 && this.toggle(),
      oncontextmenu: event => event.preventDefault(),
    },
    icon(MICROPHONE),
  );

  constructor() {
    super();
    this.#tell("off");
  }

  /** @param {string} address of the service's websocket for sound; "" if it has none */
  async offer(address) {
    this.#address = address;
    this.element.hidden = !address && !(await hearsLocally());
  }

  get on() {
    return this.#ear !== null;
  }

  /** A key or the pointer goes down. @param {number} [at] when it did, which may be a while ago on a busy machine */
  press(at = performance.now()) {
    if (this.#ear) {
      this.#pressed = 0;
      this.#ear.finish();
    } else {
      this.#pressed = at;
      this.#begin();
    }
  }

  /** It comes up again: at once after a press, later after holding. @param {number} [at] when it did */
  release(at = performance.now()) {
    if (this.#pressed && at - this.#pressed > HOLD) this.#ear?.finish();
    this.#pressed = 0;
  }

  toggle() {
    this.press();
    this.#pressed = 0;
  }

  /** Stop and forget what was said. */
  abort() {
    const ear = this.#ear;
    this.#ear = null;
    ear?.abort();
    if (ear) this.#tell("off");
  }

  /** The visitor lets sound go to the service. */
  consent() {
    localStorage.setItem(CONSENT, new URL(this.#address).host);
    this.#begin();
  }

  async #begin() {
    const local = await hearsLocally();
    if (this.#ear) return;
    const { host, hostname } = new URL(this.#address || location.href);
    if (!local && !THIS_MACHINE.test(hostname) && localStorage.getItem(CONSENT) !== host) return this.#emit("consent", host);
    const ear = local ? new BrowserEar() : new ServiceEar(this.#address);
    this.#ear = ear;
    this.#tell("opening");
    for (const type of ["hearing", "thinking"])
      ear.addEventListener(type, () => ear === this.#ear && this.#tell(/** @type {VoiceState} */ (type)));
    ear.addEventListener("level", event => this.#show(/** @type {CustomEvent<number>} */ (event).detail));
    ear.addEventListener("interim", event => ear === this.#ear && this.#emit("interim", /** @type {CustomEvent<string>} */ (event).detail));
    ear.addEventListener("words", event => this.#end(ear, "said", /** @type {CustomEvent<string>} */ (event).detail));
    ear.addEventListener("fail", event => this.#end(ear, "fail", /** @type {CustomEvent<string>} */ (event).detail));
    try {
      await ear.open();
      if (ear === this.#ear) this.#tell("listening");
    } catch (error) {
      this.#end(ear, "fail", /** @type {Error} */ (error).message);
    }
  }

  /** @param {ServiceEar | BrowserEar} ear @param {string} type @param {string} detail */
  #end(ear, type, detail) {
    if (ear !== this.#ear) return;
    this.#ear = null;
    this.#tell("off");
    this.#emit(type, detail);
  }

  /** @param {VoiceState} state */
  #tell(state) {
    const on = state !== "off";
    const label = on ? "Stop listening" : "Speak";
    this.element.dataset.state = state;
    this.element.setAttribute("aria-pressed", String(on));
    this.element.setAttribute("aria-label", label);
    this.element.title = on ? label : "Speak: hold, or press once (Alt+V)";
    this.#show(0);
    this.#emit("state", state);
  }

  /** @param {number} level 0 to 1 */
  #show(level) {
    this.element.style.setProperty("--level", level.toFixed(2));
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
