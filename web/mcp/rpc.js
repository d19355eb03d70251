// JSON-RPC over postMessage with the host around a view (MCP Apps). Knows nothing of pages.

/**
 * @typedef {{ id?: number | string, method?: string, params?: any, result?: any, error?: { message?: string } }} Message
 * @typedef {(params: any) => any} Handler
 */

export class Host {
  #next = 1;
  /** @type {Map<number | string, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();
  /** @type {Map<string, Handler>} */
  #handlers = new Map();

  constructor() {
    addEventListener("message", event => {
      if (event.source === parent && event.data?.jsonrpc === "2.0") this.#take(event.data);
    });
  }

  /** What to do with a notification or a request of the host; of a request the return value is the result.
   * @param {string} method @param {Handler} handler */
  on(method, handler) {
    this.#handlers.set(method, handler);
  }

  /** @param {string} method @param {object} params @returns {Promise<any>} */
  request(method, params) {
    const id = this.#next++;
    this.#send({ id, method, params });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** @param {string} method @param {object} params */
  notify(method, params) {
    this.#send({ method, params });
  }

  /** @param {Message} message */
  #send(message) {
    parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
  }

  /** @param {Message} message */
  async #take(message) {
    const { id, method, params, result, error } = message;
    if (method === undefined) {
      const waiting = id === undefined ? undefined : this.#waiting.get(id);
      if (id !== undefined) this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message ?? "the host refused"));
      else waiting?.resolve(result);
      return;
    }
    const handler = this.#handlers.get(method);
    const answer = await handler?.(params ?? {});
    if (id === undefined) return;
    if (handler) this.#send({ id, result: answer ?? {} });
    else this.#send({ id, error: /** @type {any} */ ({ code: -32601, message: `no method ${method}` }) });
  }
}
