/**
 * Runs in the audio thread: makes 16-bit samples at 16 kHz of what comes in at the device's own rate, and posts them in chunks.
 * What lies above 8 kHz has been filtered out before (microphone.js), so that reading between two samples is enough.
 */

const RATE = 16000;
const CHUNK = 1024;

class Capture extends AudioWorkletProcessor {
  #chunk = new Int16Array(CHUNK);
  #filled = 0;
  #last = 0;
  /** Where the next sample lies, in samples of the device after #last. */
  #next = 1;

  /** @param {Float32Array[][]} inputs */
  process([input]) {
    const channel = input?.[0];
    if (!channel) return true;
    const stride = sampleRate / RATE;
    for (; this.#next <= channel.length; this.#next += stride) {
      const at = Math.floor(this.#next);
      const before = at === 0 ? this.#last : (channel[at - 1] ?? 0);
      const after = channel[at] ?? before;
      this.#put(before + (after - before) * (this.#next - at));
    }
    this.#next -= channel.length;
    this.#last = channel[channel.length - 1] ?? 0;
    return true;
  }

  /** @param {number} sample from -1 to 1 */
  #put(sample) {
    this.#chunk[this.#filled++] = Math.round(Math.max(-1, Math.min(1, sample)) * 32767);
    if (this.#filled < CHUNK) return;
    this.port.postMessage(this.#chunk.buffer, [this.#chunk.buffer]);
    this.#chunk = new Int16Array(CHUNK);
    this.#filled = 0;
  }
}

registerProcessor("silverprint-capture", Capture);
