"use strict";
// In front of a committed page, before page.js: localStorage and sessionStorage, which a sandboxed document does not have. The
// first begins with what the session keeps for this page (self.silverprintStored, set by the service) and is sent there after
// each change; the second lasts as long as the document.
(() => {
  const MOST = 16384; // UTF-16 code units, names and values together; the service's own limit
  const WAIT = 200; // ms

  /** @param {Record<string, string>} start @param {(data: Record<string, string>) => void} changed */
  function storage(start, changed) {
    const data = new Map(Object.entries(start).map(([key, value]) => [key, String(value)]));
    const size = () => [...data].reduce((sum, [key, value]) => sum + key.length + value.length, 0);
    const tell = () => changed(Object.fromEntries(data));
    /** @type {Record<string, any>} */
    const calls = {
      getItem: (/** @type {unknown} */ key) => data.get(String(key)) ?? null,
      setItem(/** @type {unknown} */ key, /** @type {unknown} */ value) {
        const before = data.get(String(key));
        data.set(String(key), String(value));
        if (size() <= MOST) return tell();
        if (before === undefined) data.delete(String(key));
        else data.set(String(key), before);
        throw new DOMException(`expected at most ${MOST} characters in all, got more`, "QuotaExceededError");
      },
      removeItem: (/** @type {unknown} */ key) => void (data.delete(String(key)) && tell()),
      clear: () => void (data.clear(), tell()),
      key: (/** @type {number} */ index) => [...data.keys()][index] ?? null,
    };
    return new Proxy(calls, {
      get: (_, key) => (key === "length" ? data.size : typeof key === "symbol" ? undefined : (calls[key] ?? data.get(key))),
      set: (_, key, value) => (calls.setItem(key, value), true),
      has: (_, key) => key in calls || data.has(String(key)),
      deleteProperty: (_, key) => (calls.removeItem(key), true),
      ownKeys: () => [...data.keys()],
      getOwnPropertyDescriptor: (_, key) =>
        data.has(String(key)) ? { value: data.get(String(key)), writable: true, enumerable: true, configurable: true } : undefined,
    });
  }

  /** @type {((data: Record<string, string>) => boolean) | null} */
  let send = null;
  /** @type {Record<string, string>} */
  let latest = {};
  let timer = 0;

  function flush() {
    timer = send?.(latest) ? 0 : setTimeout(flush, WAIT);
  }

  /** @param {Record<string, string>} data */
  function changed(data) {
    latest = data;
    timer ||= setTimeout(flush, WAIT);
  }

  const start = self.silverprintStored ?? {};
  delete self.silverprintStored;
  Object.defineProperty(self, "localStorage", { value: storage(start, changed), configurable: true });
  Object.defineProperty(self, "sessionStorage", { value: storage({}, () => {}), configurable: true });
  addEventListener("pagehide", () => timer && send?.(latest));
  self.silverprintKeep = by => (send = by);
})();
