/**
 * What the page around the shell offers to generated pages: functions by name, each run only after the visitor has allowed it to
 * the page at hand, having seen what it is given. Arguments and results are JSON.
 */

/** @typedef {{about: string, remember: boolean, run: (...args: any[]) => unknown}} HostFunction about: what it does, for the visitor: "add this to your basket"; remember: a page that was allowed it is not asked again */
/** @typedef {{page: string, id: number, name: string, args: string, gesture: () => Promise<boolean>}} Call args: a JSON list; gesture: whether the visitor just did something in the page, which is on view */
/** @typedef {{verb: "result", id: number, value?: string, error?: string}} Reply */
/** @typedef {{page: string, name: string, about: string, json: string}} Question json: what the function is given, to be read by people */
/** @typedef {"allowed" | "refused" | "dropped"} Answer refused: it holds for the page; dropped: nobody has answered */

const DENIED = "the visitor did not allow it";
/** How deep arguments may be nested. */
const DEPTH = 20;

/** Fires "ask" (detail: Question) until allow(), refuse() or drop() is called, then "answered". */
export class Host extends EventTarget {
  /** @type {Map<string, HostFunction>} */ #functions = new Map();
  /** What pages may do without being asked, by page and name. @type {Set<string>} */ #allowed = new Set();
  /** What the visitor refused, likewise. @type {Set<string>} */ #refused = new Set();
  /** @type {((answer: Answer) => void) | null} */ #answer = null;
  /** The page whose question is open. */ asking = "";

  /** @param {string} name @param {HostFunction["run"]} run @param {{about?: string, remember?: boolean}} [options] */
  register(name, run, { about = "", remember = false } = {}) {
    if (typeof run !== "function") throw new TypeError(`expected a function for ${name}, got ${typeof run}`);
    this.#functions.set(name, { run, about: about || `use ${name}`, remember: remember === true });
    return () => void this.#functions.delete(name);
  }

  /** Do what a page asks, if the visitor lets it. @param {Call} call @returns {Promise<Reply>} */
  async call({ page, id, name, args, gesture }) {
    try {
      const host = this.#functions.get(name);
      if (!host) throw new RangeError(`expected one of ${[...this.#functions.keys()].join(", ") || "no function at all"}, got ${name}`);
      const json = readable(args);
      await this.#permit(host, { page, name, about: host.about, json }, gesture);
      if (this.#functions.get(name) !== host) throw new RangeError(`expected a function that is still there, got ${name}`);
      const value = await host.run(...JSON.parse(json));
      return { verb: "result", id, value: JSON.stringify(value ?? null) };
    } catch (error) {
      return { verb: "result", id, error: String(/** @type {Error} */ (error)?.message ?? error).slice(0, 500) };
    }
  }

  allow() {
    this.#answer?.("allowed");
  }

  /** The visitor does not want it: the page is not to ask for it again. */
  refuse() {
    this.#answer?.("refused");
  }

  /** The question is gone before it was answered. */
  drop() {
    this.#answer?.("dropped");
  }

  /** The visitor opened a page anew, which may ask for what was refused to it. @param {string} page */
  forgive(page) {
    for (const key of this.#refused) if (key.startsWith(`${page} `)) this.#refused.delete(key);
  }

  /** Returns if the visitor allows a call. @param {HostFunction} host @param {Question} question @param {Call["gesture"]} gesture */
  async #permit(host, question, gesture) {
    const key = `${question.page} ${question.name}`;
    if (this.#allowed.has(key) && host.remember) return;
    if (this.#refused.has(key)) throw new Error(DENIED);
    if (!(await gesture())) throw new Error("expected a gesture of the visitor in the page on view, got none");
    if (this.#answer || this.#refused.has(key)) throw new Error(DENIED);
    const answer = await this.#ask(question);
    if (answer === "refused") this.#refused.add(key);
    if (answer !== "allowed") throw new Error(DENIED);
    if (host.remember) this.#allowed.add(key);
  }

  /** @param {Question} question @returns {Promise<Answer>} */
  #ask(question) {
    return new Promise(done => {
      this.asking = question.page;
      this.#answer = answer => {
        this.#answer = null;
        this.asking = "";
        this.dispatchEvent(new CustomEvent("answered"));
        done(answer);
      };
      this.dispatchEvent(new CustomEvent("ask", { detail: question }));
    });
  }
}

/** Arguments as they are shown, and given to the function: no others. @param {string} args @returns {string} */
function readable(args) {
  const list = JSON.parse(args);
  if (!Array.isArray(list)) throw new TypeError(`expected a list of arguments, got ${typeof list}`);
  if (isDeep(list, DEPTH)) throw new RangeError(`expected arguments nested at most ${DEPTH} deep, got more`);
  return JSON.stringify(list, null, 2);
}

/** Whether a value has more levels than that. @param {unknown} value @param {number} levels @returns {boolean} */
function isDeep(value, levels) {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some(one => isDeep(one, levels - 1));
}
