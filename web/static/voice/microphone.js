/** The microphone, as chunks of 16-bit samples at 16 kHz. It is open between open() and close() and at no other time. */

const CUTOFF = 7000;
const WHY = new Map([
  ["NotAllowedError", "The microphone is not allowed here. Allow it beside the browser's address, or type instead."],
  ["NotFoundError", "No microphone was found. Connect one, or type instead."],
  ["NotReadableError", "Another program holds the microphone. Close it there, or type instead."],
]);
const INSECURE = "Browsers give a microphone to secure addresses only (https, or this machine). Type instead.";
const ENDED = "The microphone was taken away. Speak again, or type instead.";

/** What keeps the microphone from being used, as a sentence for the visitor. */
export class MicrophoneError extends Error {}

/** Fires "sound" (detail: ArrayBuffer of int16 samples) and "lost" (detail: string) when the device goes while in use. */
export class Microphone extends EventTarget {
  /** @type {MediaStream | null} */ #stream = null;
  /** @type {AudioContext | null} */ #context = null;

  /** Rejects with MicrophoneError. */
  async open() {
    if (!navigator.mediaDevices) throw new MicrophoneError(INSECURE);
    const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio });
      this.#context = new AudioContext();
      await this.#context.audioWorklet.addModule(new URL("audio-worklet.js", import.meta.url).href);
      await this.#context.resume();
    } catch (error) {
      await this.close();
      const { name, message } = /** @type {Error} */ (error);
      throw new MicrophoneError(WHY.get(name) ?? `The microphone cannot be used: ${message}`);
    }
    const [track] = this.#stream.getAudioTracks();
    track?.addEventListener("ended", () => this.#emit("lost", ENDED));
    this.#connect(this.#context, this.#stream);
  }

  async close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    const context = this.#context;
    this.#context = null;
    await context?.close();
  }

  /** Two low-pass filters, then the worklet, which makes no sound itself. @param {AudioContext} context @param {MediaStream} stream */
  #connect(context, stream) {
    const capture = new AudioWorkletNode(context, "silverprint-capture", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    capture.port.onmessage = ({ data }) => this.#context === context && this.#emit("sound", data);
    const filters = [1, 2].map(() => new BiquadFilterNode(context, { type: "lowpass", frequency: CUTOFF }));
    /** @type {AudioNode} */
    let tail = new MediaStreamAudioSourceNode(context, { mediaStream: stream });
    for (const node of [...filters, capture]) tail = tail.connect(node);
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
