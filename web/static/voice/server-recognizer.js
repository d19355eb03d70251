/**
 * Speech to words by the service (websocket /voice; docs/protocol.md). All sound of an utterance is kept until its words have
 * come, so that a lost connection costs nothing: the sound is sent again.
 */
import { Microphone } from "./microphone.js";

const TRIES = 4;
const FIRST_WAIT = 300;
const LOST = "The connection was lost while you spoke, and does not come back. Speak again, or type instead.";

/** Fires "level" (detail: 0 to 1), "hearing", "thinking", "words" (detail: string) last, or instead "fail" (detail: string). */
export class ServiceEar extends EventTarget {
  #microphone = new Microphone();
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {ArrayBuffer[]} */ #sound = [];
  #sent = 0;
  #address;
  #finished = false;
  #done = false;
  #tries = 0;

  /** @param {string} address of the websocket */
  constructor(address) {
    super();
    this.#address = address;
    this.#microphone.addEventListener("sound", event => this.#take(/** @type {CustomEvent<ArrayBuffer>} */ (event).detail));
    this.#microphone.addEventListener("lost", event => this.#fail(/** @type {CustomEvent<string>} */ (event).detail));
  }

  /** Begin to listen. Rejects with MicrophoneError. */
  async open() {
    await this.#microphone.open();
    if (this.#done) return this.#microphone.close();
    this.#connect();
  }

  /** The speaker has ended; the words follow. */
  finish() {
    if (this.#finished || this.#done) return;
    this.#finished = true;
    this.#microphone.close();
    this.#emit("thinking");
    this.#flush();
  }

  /** Forget it all. */
  abort() {
    this.#end();
  }

  /** @param {ArrayBuffer} sound */
  #take(sound) {
    if (this.#finished || this.#done) return;
    this.#sound.push(sound);
    this.#flush();
    this.#emit("level", loudness(new Int16Array(sound)));
  }

  #connect() {
    const socket = new WebSocket(this.#address);
    socket.onopen = () => this.#flush();
    socket.onmessage = ({ data }) => socket === this.#socket && this.#hear(JSON.parse(data));
    socket.onclose = () => socket === this.#socket && this.#lose();
    this.#socket = socket;
    this.#sent = 0;
  }

  /** Send what has not been sent on this socket, and that it was all, if it was. */
  #flush() {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    for (const sound of this.#sound.slice(this.#sent)) socket.send(sound);
    this.#sent = this.#sound.length;
    if (this.#finished) socket.send("end");
  }

  /** @param {{type: string, text?: string, message?: string}} said */
  #hear({ type, text, message }) {
    if (type === "speech") this.#emit("hearing");
    if (type === "end") this.finish();
    if (type === "text") this.#end("words", text ?? "");
    if (type === "error") this.#fail(message ?? "The service cannot hear.");
  }

  #lose() {
    this.#socket = null;
    if (this.#done) return;
    if (++this.#tries >= TRIES) return this.#fail(LOST);
    setTimeout(() => this.#done || this.#connect(), FIRST_WAIT * 2 ** this.#tries);
  }

  /** @param {string} why */
  #fail(why) {
    this.#end("fail", why);
  }

  /** @param {string} [type] of the last event @param {string} [detail] */
  #end(type, detail) {
    if (this.#done) return;
    this.#done = true;
    this.#sound = [];
    this.#microphone.close();
    this.#socket?.close();
    if (type) this.#emit(type, detail);
  }

  /** @param {string} type @param {unknown} [detail] */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Root of the mean square of samples, 0 to 1, stretched so that speech fills the scale. @param {Int16Array} samples */
function loudness(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return Math.min(1, (5 * Math.sqrt(power)) / 32768);
}
