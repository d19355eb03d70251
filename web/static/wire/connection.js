/**
 * One session over however many websockets it takes: says hello, acknowledges, and comes back after a loss.
 * @import { ClientMessage, Welcome } from "../../types/messages.js"
 * @import { Codec } from "./codec.js"
 */
import { loadCodecs } from "./codec.js";

const FIRST_WAIT = 400;
const LONGEST_WAIT = 15000;
/** Close codes after which coming back by itself would only repeat the refusal. */
const FINAL = new Set([4400, 4401, 4406, 4409]);
/** What is lost without a word if it cannot be sent: a page caused it. */
const UNASKED = new Set(["store", "prefetch"]);

/** Fires "message" (detail: ServerMessage) and "state" (detail: "open" | "lost" | "replaced" | "refused"). */
export class Connection extends EventTarget {
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {Codec[] | null} */ #codecs = null;
  /** @type {number | null} */ #lastSeq = null;
  /** What pages want kept and could not be sent yet: the latest of each. @type {Map<string, ClientMessage>} */ #kept = new Map();
  /** The latest action that could not be sent yet. @type {ClientMessage | null} */ #waiting = null;
  /** Bytes that a message may have. */ #longest = Infinity;
  #address;
  #token;
  #tickets;
  #key;
  #style = "";
  #losses = 0;
  #timer = 0;
  #ready = false;
  #closed = false;

  /**
   * @param {string} address of the websocket @param {string} name of the session in this tab @param {string | null} token
   * @param {string | null} [tickets] address that gives a ticket for each connection, in place of a token
   */
  constructor(address, name, token, tickets = null) {
    super();
    this.#address = address;
    this.#key = `silverprint.session${name && `:${name}`}`;
    this.#token = token;
    this.#tickets = tickets;
    addEventListener("online", this.open);
  }

  /** Connect, unless a connection stands or is being made. Also takes a session back that another tab replaced. */
  open = async () => {
    clearTimeout(this.#timer);
    this.#closed = false;
    this.#codecs ??= await loadCodecs();
    if (this.#closed || this.#stands()) return;
    const token = this.#tickets ? await ticketFrom(this.#tickets) : this.#token;
    if (this.#closed || this.#stands()) return;
    if (this.#tickets && !token) return this.#lose(1006);
    const socket = new WebSocket(
      this.#address,
      this.#codecs.map(codec => codec.subprotocol),
    );
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#send(this.#hello(token));
    socket.onmessage = event => this.#receive(socket, event.data);
    socket.onclose = event => socket === this.#socket && this.#lose(event.code);
    this.#socket = socket;
  };

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    removeEventListener("online", this.open);
    this.#socket?.close(1000);
  }

  /** Send an action; without a connection the latest one is kept until there is, and of each page what it wants kept. @param {ClientMessage} message */
  act(message) {
    if (this.#ready) this.#send(message);
    else if (message.type === "store") this.#kept.set(message.page, message);
    else if (message.type !== "prefetch") this.#waiting = message;
  }

  /** Words of the kit that pages are to look by which are made from now on. @param {string} words */
  set style(words) {
    if (words === this.#style) return;
    this.#style = words;
    if (this.#ready) this.#send({ type: "style", words });
  }

  /** Say that everything up to a message has been handled. @param {number} seq */
  acknowledge(seq) {
    if (this.#ready) this.#send({ type: "ack", seq });
  }

  /** Whether there is a connection, or one is being made. */
  #stands() {
    return this.#socket !== null && this.#socket.readyState <= WebSocket.OPEN;
  }

  /** @param {string | null} token @returns {ClientMessage} */
  #hello(token) {
    const session = sessionStorage.getItem(this.#key);
    return {
      type: "hello",
      ...(session && { session }),
      ...(session && this.#lastSeq !== null && { last_seq: this.#lastSeq }),
      ...(token && { token }),
    };
  }

  /** @param {ClientMessage} message */
  #send(message) {
    const codec = this.#codecs?.find(one => one.subprotocol === this.#socket?.protocol);
    if (!codec || this.#socket?.readyState !== WebSocket.OPEN) return;
    const data = codec.encode(message);
    const size = typeof data === "string" ? new TextEncoder().encode(data).length : data.length;
    if (size <= this.#longest) this.#socket.send(data);
    else if (!UNASKED.has(message.type)) this.#refuse(size);
  }

  /** What is too long for the service, which would end the connection over it, is refused here. @param {number} size */
  #refuse(size) {
    const words = `expected at most ${this.#longest.toLocaleString("en")} bytes, got ${size.toLocaleString("en")}`;
    this.#emit("message", { type: "error", seq: this.#lastSeq ?? 0, code: "too_large", message: words });
  }

  /** @param {WebSocket} socket @param {string | ArrayBuffer} data */
  #receive(socket, data) {
    const codec = this.#codecs?.find(one => one.subprotocol === socket.protocol);
    if (!codec || socket !== this.#socket) return;
    const message = codec.decode(data);
    this.#lastSeq = message.seq;
    if (message.type === "welcome") this.#welcome(message);
    this.#emit("message", message);
  }

  /** @param {Welcome} message */
  #welcome({ session, limits }) {
    sessionStorage.setItem(this.#key, session);
    this.#losses = 0;
    this.#ready = true;
    this.#emit("state", "open");
    this.#longest = limits.message_bytes;
    if (this.#style) this.#send({ type: "style", words: this.#style });
    for (const message of this.#kept.values()) this.#send(message);
    this.#kept.clear();
    if (this.#waiting) this.#send(this.#waiting);
    this.#waiting = null;
  }

  /** @param {number} code */
  #lose(code) {
    this.#ready = false;
    if (this.#closed) return;
    if (FINAL.has(code)) return this.#emit("state", code === 4409 ? "replaced" : "refused");
    const wait = Math.min(FIRST_WAIT * 2 ** this.#losses++, LONGEST_WAIT);
    this.#timer = setTimeout(this.open, wait * (0.75 + Math.random() / 2));
    this.#emit("state", "lost");
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** A ticket from the page's own site; null if it gives none. @param {string} address @returns {Promise<string | null>} */
async function ticketFrom(address) {
  try {
    const answer = await fetch(address, { method: "POST", headers: { accept: "application/json" } });
    const { ticket } = await answer.json();
    return answer.ok && typeof ticket === "string" ? ticket : null;
  } catch {
    return null;
  }
}
