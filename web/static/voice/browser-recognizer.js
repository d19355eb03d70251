/**
 * Speech to words by the browser itself (Web Speech API), and only where it does so on this machine: without `processLocally` a
 * browser may send the sound to its maker.
 */

const LANGUAGE = "en-US";
const WHY = new Map([
  ["not-allowed", "The microphone is not allowed here. Allow it beside the browser's address, or type instead."],
  ["audio-capture", "No microphone was found. Connect one, or type instead."],
  ["network", "The browser cannot hear without a network just now. Type instead."],
]);

/** Whether the browser turns speech into words without a network. */
export async function hearsLocally() {
  const { SpeechRecognition } = window;
  try {
    const options = { langs: [LANGUAGE], processLocally: true };
    return (await SpeechRecognition?.available?.(options)) === "available";
  } catch {
    return false;
  }
}

/** Fires what ServiceEar fires, and "interim" (detail: string) with the words so far. */
export class BrowserEar extends EventTarget {
  /** @type {LocalRecognition} */ #recognition;
  #words = "";
  #done = false;

  constructor() {
    super();
    if (!window.SpeechRecognition) throw new Error("expected a browser with speech recognition; ask hearsLocally() first");
    const recognition = new window.SpeechRecognition();
    Object.assign(recognition, { lang: LANGUAGE, processLocally: true, interimResults: true, continuous: false });
    recognition.onspeechstart = () => this.#emit("hearing");
    recognition.onspeechend = () => this.#emit("thinking");
    recognition.onresult = event => {
      this.#words = [...event.results]
        .map(result => result[0]?.transcript ?? "")
        .join(" ")
        .trim();
      this.#emit("interim", this.#words);
    };
    recognition.onerror = ({ error }) => error !== "no-speech" && this.#end("fail", WHY.get(error) ?? `Speech cannot be used: ${error}.`);
    recognition.onend = () => this.#end("words", this.#words);
    this.#recognition = recognition;
  }

  async open() {
    this.#recognition.start();
  }

  finish() {
    this.#emit("thinking");
    this.#recognition.stop();
  }

  abort() {
    this.#done = true;
    this.#recognition.abort();
  }

  /** @param {string} type @param {string} detail */
  #end(type, detail) {
    if (this.#done) return;
    this.#done = true;
    this.#emit(type, detail);
  }

  /** @param {string} type @param {unknown} [detail] */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
