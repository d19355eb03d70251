// The view of a page in an MCP host: drafts while the tool runs, then the page with its scripts, in a frame of its own.
import { Host } from "./rpc.js";

const HTML = "silverprint/html";
const PROTOCOL = "2026-01-26";
const PAUSE = 150;
const TALLEST = 800;

// A page in the view gets what a page in the shell gets: nothing from outside, and no realm that our scripts have not been in.
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; media-src data: blob:; font-src data:; " +
  "form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types default";
/** How often, in ms, to look whether the page took the focus by itself, and after how many times its scripts end. */
const [LOOK, TAKES] = [100, 3];

const ours = document.querySelector("#ours")?.textContent ?? "";
const frame = /** @type {HTMLIFrameElement} */ (document.querySelector("iframe"));
const status = /** @type {HTMLElement} */ (document.querySelector("#status"));
const open = /** @type {HTMLButtonElement} */ (document.querySelector("#open"));
const host = new Host();
/** @type {any} */
let can = {};
let watching = 0;
let page = "";
/** The page whose scripts run. */
let shown = "";
/** Whether the visitor went into it, and how often it took the focus by itself. */
let visited = false,
  taken = 0;

/** @param {string} html @param {boolean} whole */
function show(html, whole) {
  frame.hidden = false;
  frame.setAttribute("sandbox", whole ? "allow-scripts allow-forms" : "");
  const doctype = /^\s*<!doctype[^>]*>/i.exec(html)?.[0] ?? "<!doctype html>";
  const head = `<meta http-equiv="Content-Security-Policy" content="${POLICY}"><script>${ours}<\/script>`;
  frame.srcdoc = whole ? `${doctype}${head}${html.replace(/^\s*<!doctype[^>]*>/i, "")}` : html;
  shown = whole ? html : "";
  visited = false;
  taken = 0;
}

/** A page that has the focus without any gesture in it gives it back to the host; if it takes it again and again, it is
 * shown without its scripts. */
function keepFocus() {
  if (!shown || document.activeElement !== frame) return;
  visited ||= navigator.userActivation?.isActive ?? true;
  if (visited) return;
  frame.blur();
  parent.focus();
  if (++taken >= TAKES) show(shown, false);
}
setInterval(keepFocus, LOOK);

/** Drafts of what was asked for, until it is made or another is.
 * @param {{ world?: string, prompt?: string, page?: string, instruction?: string, text?: string, href?: string, form?: object }} asked */
async function watch(asked) {
  const mine = ++watching;
  const of = asked.page ?? asked.world ?? "any",
    text = asked.text ?? asked.instruction ?? asked.prompt ?? "";
  const more = asked.text === undefined ? {} : { href: asked.href ?? "", ...(asked.form ? { form: asked.form } : {}) };
  let seen = 0;
  while (mine === watching && can.serverTools) {
    let result;
    try {
      result = await host.request("tools/call", { name: "watch_page", arguments: { of, text, seen, ...more } });
    } catch {
      return; // a host that lets no view call tools shows the page in the end
    }
    const html = result?._meta?.[HTML];
    if (mine !== watching) return;
    if (typeof html === "string") show(html, false);
    seen = Number(result?.structuredContent?.number) || 0;
    await new Promise(resolve => setTimeout(resolve, PAUSE));
  }
}

/** @param {any} result */
function finish(result) {
  watching++;
  const told = result?.structuredContent ?? {},
    html = result?._meta?.[HTML];
  if (result?.isError || typeof html !== "string") {
    say(result?.content?.find((/** @type {any} */ part) => part.type === "text")?.text ?? "There is no page to show.");
    return;
  }
  page = String(told.page ?? "");
  show(html, true);
  say(String(told.title ?? ""));
  open.hidden = !can.openLinks;
  open.onclick = () => void host.request("ui/open-link", { url: String(told.link) }).catch(() => {});
}

/** @param {string} text */
function say(text) {
  status.textContent = text.slice(0, 300);
}

/** @param {any} context */
function theme(context) {
  const root = document.documentElement;
  if (context?.theme) root.style.colorScheme = context.theme === "dark" ? "dark" : "light";
  for (const [name, value] of Object.entries(context?.styles?.variables ?? {}))
    if (name.startsWith("--") && typeof value === "string") root.style.setProperty(name, value);
  const most = context?.containerDimensions;
  const height = Number(most?.height ?? most?.maxHeight);
  if (height > 0) frame.style.height = `${Math.min(TALLEST, height) - 48}px`;
}

addEventListener("message", async event => {
  const { data } = event;
  if (event.source !== frame.contentWindow || data?.silverprint !== "follow" || !can.serverTools || !page) return;
  // A gesture in the page counts as one here, too, and no page can feign either.
  if (document.activeElement !== frame || !navigator.userActivation.isActive) return;
  const asked = { page, text: String(data.text), href: String(data.href), ...(data.form ? { form: data.form } : {}) };
  page = "";
  say("Developing …");
  void watch(asked);
  try {
    finish(await host.request("tools/call", { name: "follow_link", arguments: asked }));
  } catch (error) {
    finish({ isError: true, content: [{ type: "text", text: String(error) }] });
  }
  page ||= asked.page;
});

host.on("ui/notifications/tool-input", params => {
  say("Developing …");
  void watch(params.arguments ?? {});
});
host.on("ui/notifications/tool-result", finish);
host.on("ui/notifications/tool-cancelled", () => {
  watching++;
  say("Cancelled.");
});
host.on("ui/notifications/host-context-changed", theme);
host.on("ui/resource-teardown", () => void watching++);
host.on("ping", () => ({}));

const appInfo = { name: "silverprint", version: "1" };
const told = await host.request("ui/initialize", { appInfo, appCapabilities: {}, protocolVersion: PROTOCOL });
can = told.hostCapabilities ?? {};
theme(told.hostContext);
host.notify("ui/notifications/initialized", {});
new ResizeObserver(() => {
  const { width, height } = document.documentElement.getBoundingClientRect();
  host.notify("ui/notifications/size-changed", { width: Math.ceil(width), height: Math.ceil(height) });
}).observe(document.documentElement);
