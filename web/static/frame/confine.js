"use strict";
// The first script of every committed page: takes from its realm what no policy of a browser takes, and keeps the page from
// making another realm that would have it. No page can undo this: what it could call is gone, and the policy stands.
(() => {
  const { document, history, trustedTypes } = self;
  document.currentScript?.remove();
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "XSLTProcessor"]) Reflect.deleteProperty(self, name);

  // <iframe srcdoc> is the one frame that a page with `frame-src 'none'` can still fill. No text that becomes markup may name
  // it. Text that is written in pieces may end in the middle of the name: the last letter is spelled as a reference then.
  trustedTypes?.createPolicy("default", {
    createHTML(text, _type, sink) {
      if (/srcdoc/i.test(String(sink))) return null;
      const whole = text.replace(/srcdo(c)/gi, (name, c) => `${name.slice(0, -1)}&#${c.charCodeAt(0)};`);
      const cut = /^Document write/i.test(String(sink)) && /(?:^|[\s"'/])s(?:r(?:c(?:do?)?)?)?$/i.exec(whole);
      return cut ? `${whole.slice(0, -1)}&#${whole.charCodeAt(whole.length - 1)};` : whole;
    },
    // What `javascript:` addresses give becomes a document with a realm of its own.
    createScript: (text, _type, sink) => (/^Location/i.test(String(sink)) ? null : text),
    createScriptURL: text => text,
  });

  // A page's entries in the browser's history would stand between the visitor and the page before the shell: it has a history
  // of its own instead, which ends with it.
  const { replaceState, go: travel } = History.prototype;
  const joint = /** @type {() => number} */ (Object.getOwnPropertyDescriptor(History.prototype, "length")?.get);
  /** How long going back may take, in ms, and how many entries a page may have. */
  const [PATIENCE, MOST] = [300, 50];
  /** @type {{state: unknown, url: string}[]} */
  const entries = [{ state: null, url: location.href }];
  let at = 0;

  /** @param {unknown} state @param {string | URL | null | undefined} url */
  function enter(state, url) {
    Reflect.apply(replaceState, history, [state, "", url]);
    return { state: structuredClone(state), url: location.href };
  }

  /** @param {number} delta */
  function go(delta) {
    const entry = entries[at + delta];
    if (!delta || !entry) return;
    at += delta;
    const before = location.hash;
    const oldURL = location.href;
    Reflect.apply(replaceState, history, [entry.state, "", entry.url]);
    setTimeout(() => {
      dispatchEvent(new PopStateEvent("popstate", { state: entry.state }));
      if (location.hash !== before) dispatchEvent(new HashChangeEvent("hashchange", { oldURL, newURL: location.href }));
    });
  }

  // A fragment that a script sets still makes an entry of the browser's. The page goes back from it, unseen, and takes the
  // fragment along.
  let made = 0;
  /** How many changes of the fragment are on their way that make no entry of the browser's. */
  let unmade = 0;
  /** Where the page is while it goes back. @type {{state: unknown, url: string} | null} */
  let here = null;

  function retrace() {
    here = { state: history.state, url: location.href };
    Reflect.apply(travel, history, [-Math.min(made, Reflect.apply(joint, history, []) - 1)]);
    made = 0;
    setTimeout(arrive, PATIENCE);
  }

  function arrive() {
    const { state, url } = here ?? {};
    here = null;
    if (url && location.href !== url) enter(state, url);
  }

  addEventListener(
    "hashchange",
    event => {
      if (!event.isTrusted) return;
      if (here) {
        event.stopImmediatePropagation();
        return arrive();
      }
      push({ state: history.state, url: location.href });
      if (unmade) unmade -= 1;
      else if (!made++) setTimeout(retrace);
    },
    true,
  );
  addEventListener("popstate", event => event.isTrusted && here && event.stopImmediatePropagation(), true);

  // A link within the page: an entry of the page's own, and none of the browser's.
  self.silverprintFollow = href => {
    if (new URL(href, location.href).href !== location.href) unmade += 1;
    location.replace(href);
  };

  /** @param {{state: unknown, url: string}} entry */
  function push(entry) {
    entries.splice(at + 1, entries.length, entry);
    if (entries.length > MOST) entries.shift();
    at = entries.length - 1;
  }

  Object.assign(History.prototype, {
    /** @param {unknown} state @param {string} _ @param {string | URL | null} [url] */
    pushState(state, _, url) {
      push(enter(state, url));
    },
    /** @param {unknown} state @param {string} _ @param {string | URL | null} [url] */
    replaceState(state, _, url) {
      entries[at] = enter(state, url);
    },
    back: () => go(-1),
    forward: () => go(1),
    go: (/** @type {unknown} */ delta) => (Number(delta) ? go(Math.trunc(Number(delta))) : location.reload()),
  });
  Object.defineProperty(History.prototype, "length", { get: () => entries.length, configurable: true });
})();
