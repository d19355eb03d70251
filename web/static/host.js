/**
 * What the page around the shell offers to generated pages: functions by name, each run only after the visitor has allowed it to
 * the page at hand. Arguments and results are JSON.
 */

/** @typedef {{about: string, run: (...args: any[]) => unknown}} HostFunction about: what it does, for the visitor: "add this to your basket" */
/** @typedef {{page: string, id: number, name: string, args: string}} Call args: a JSON list */
/** @typedef {{verb: "result", id: number, value?: string, error?: string}} Reply */

/** Fires "ask" (detail: string, what a page asks for) until allow() or deny() is called. */
export class Host extends EventTarget {
  /** @type {Map<string, HostFunction>} */ #functions = new Map();
  /** @type {Set<string>} */ #allowed = new Set();
  /** @type {((allowed: boolean) => void) | null} */ #answer = null;

  /** @param {string} name @param {HostFunction["run"]} run @param {string} about */
  register(name, run, about) {
    if (typeof run !== "function") throw new TypeError(`expected a function for ${name}, got ${typeof run}`);
    this.#functions.set(name, { run, about: about || `use ${name}` });
    return () => void this.#functions.delete(name);
  }

  /** Do what a page asks, if the visitor lets it. @param {Call} call @returns {Promise<Reply>} */
  async call({ page, id, name, args }) {
    const host = this.#functions.get(name);
    if (!host) return { verb: "result", id, error: `expected one of ${[...this.#functions.keys()].join(", ") || "no function at all"}, got ${name}` };
    if (!(await this.#permitted(`${page} ${name}`, host.about))) return { verb: "result", id, error: "the visitor did not allow it" };
    try {
      const value = await host.run(...JSON.parse(args));
      return { verb: "result", id, value: JSON.stringify(value ?? null) };
    } catch (error) {
      return { verb: "result", id, error: String(/** @type {Error} */ (error)?.message ?? error).slice(0, 500) };
    }
  }

  allow() {
    this.#answer?.(true);
  }

  deny() {
    this.#answer?.(false);
  }

  /** @param {string} key @param {string} about */
  async #permitted(key, about) {
    if (this.#allowed.has(key)) return true;
    if (this.#answer) return false;
    const answer = new Promise(done => (this.#answer = done));
    this.dispatchEvent(new CustomEvent("ask", { detail: about }));
    const allowed = Boolean(await answer);
    this.#answer = null;
    if (allowed) this.#allowed.add(key);
    return allowed;
  }
}
