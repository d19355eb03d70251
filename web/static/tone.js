/** Light or dark: the visitor's choice, else the system's. */

const KEY = "silverprint.tone";

export class Tone {
  #system = matchMedia("(prefers-color-scheme: dark)");
  #apply;

  /** @param {(tone: "light" | "dark") => void} apply called now and at each change */
  constructor(apply) {
    this.#apply = apply;
    this.#system.addEventListener("change", () => apply(this.now));
    apply(this.now);
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
