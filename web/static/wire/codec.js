/**
 * The two spellings of a wire message: MessagePack where its module loads, JSON otherwise.
 * @import { ClientMessage, ServerMessage } from "../../types/messages.js"
 */

/**
 * @typedef {object} Codec
 * @property {string} subprotocol
 * @property {(message: ClientMessage) => string | Uint8Array<ArrayBuffer>} encode
 * @property {(data: any) => ServerMessage} decode  throws on anything that is not a message
 */

/** @type {Codec} */
const json = {
  subprotocol: "silverprint.v1.json",
  encode: message => JSON.stringify(message),
  decode: data => checked(JSON.parse(data)),
};

const MSGPACK = new URL("../vendor/msgpack/index.mjs", import.meta.url).href;

/** @returns {Promise<Codec[]>} the codecs this browser can use, the better first */
export async function loadCodecs() {
  try {
    /** @type {typeof import("@msgpack/msgpack")} */
    const { encode, decode } = await import(MSGPACK);
    /** @type {Codec} */
    const msgpack = { subprotocol: "silverprint.v1.msgpack", encode: message => encode(message), decode: data => checked(decode(data)) };
    return [msgpack, json];
  } catch {
    return [json];
  }
}

/** @param {any} message @returns {ServerMessage} */
function checked(message) {
  if (typeof message?.type !== "string" || !Number.isSafeInteger(message.seq)) {
    throw new TypeError("expected a message with type and seq");
  }
  return message;
}
