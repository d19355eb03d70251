/** Light or dark: the visitor's choice, else the system's. */

const KEY = "silverprint.tone";

export class Tone {
  #system = matchMedia("(prefers-color-scheme: dark)");
  #apply;

  /** @param {(tone: "light" | "dark") => void} apply called when asked, and at each change from then on */
  constructor(apply) {
    this.#apply = apply;
  }

  /** Begin to apply, until a signal. @param {AbortSignal} signal */
  follow(signal) {
    this.#system.addEventListener("change", () => this.#apply(this.now), { signal });
    this.#apply(this.now);
  }

  /** @returns {"light" | "dark"} */
  get now() {
    const chosen = localStorage.getItem(KEY);
    if (chosen === "light" || chosen === "dark") return chosen;
    return this.#system.matches ? "dark" : "light";
  }

  toggle() {
    localStorage.setItem(KEY, this.now === "dark" ? "light" : "dark");
    this.#apply(this.now);
  }
}
