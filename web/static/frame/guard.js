"use strict";
// The document between the shell and a page: it shows nothing but the page's frame, and knows what neither of them can.
// A browser tells a document of gestures made in it and in what it holds, but not in what holds it: so whatever counts as a
// gesture here was made in the page. Its own policy, not that of whoever embeds the shell, keeps the page from leaving.
(() => {
  /** How late a gesture may come after the message it caused, and how often to look for it. ms */
  const [LAG, LOOK] = [500, 20];
  /** How often a page that tried to leave is loaded once more. */
  const RETURNS = 2;
  /** How many messages of a page are read, and for how long in all, before it is heard no more: what it sends is unpacked here. ms */
  const [MOST, LONGEST] = [100, 200];
  const path = location.hash.slice(1);
  if (self === top || !/^\/frame\/(draft|live\/[\w-]+(\?key=[\w%-]*(&look=[\w-]*)?)?)$/.test(path)) return;

  const page = document.createElement("iframe");
  page.title = "Page";
  page.sandbox.value = "allow-scripts allow-forms";
  page.src = path;
  /** Whether the gesture that is known of may be older than what the visitor last did in the shell. */
  let doubtful = false;
  let left = 0;
  let heard = 0;
  let spent = 0;

  const active = () => navigator.userActivation?.isActive ?? true;
  const settle = () => {
    doubtful &&= active();
    if (doubtful) setTimeout(settle, LOOK);
  };

  /** What is known of a gesture in the page within the last seconds. @param {number} patience ms */
  async function gesture(patience) {
    const until = performance.now() + Math.min(patience, LAG);
    while (!active() && performance.now() < until) await new Promise(done => setTimeout(done, LOOK));
    return { made: active(), since: active() && !doubtful };
  }

  /** @param {MessageEvent} event */
  async function onShell({ data, ports }) {
    if (data.silverprint === "port" && ports[0]) page.contentWindow?.postMessage({ silverprint: "port" }, "*", [ports[0]]);
    if (data.silverprint === "elsewhere") {
      doubtful = active();
      settle();
    }
    if (data.silverprint === "gesture") tell({ silverprint: "gesture", id: data.id, ...(await gesture(Number(data.patience) || 0)) });
  }

  /** Only those who may embed this document hear it. @param {object} said */
  function tell(said) {
    parent.postMessage(said, "*");
  }

  /** @param {MessageEvent} event of the page */
  function isReady(event) {
    if (++heard > MOST || spent > LONGEST) return false;
    const before = performance.now();
    const ready = event.data?.silverprint === "ready";
    spent += performance.now() - before;
    return ready;
  }

  addEventListener("message", event => {
    if (event.source === parent && event.data?.silverprint) onShell(event);
    else if (event.source === page.contentWindow && event.origin === "null" && isReady(event)) tell({ silverprint: "ready" });
  });
  addEventListener("focus", () => setTimeout(() => document.hasFocus() && page.focus()));
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    if (effectiveDirective !== "frame-src") return;
    tell({ silverprint: "left", to: blockedURI });
    if (++left <= RETURNS) page.src = path;
    else page.remove();
  });
  document.body.append(page);
})();
