// The view of a page in an MCP host: drafts while the tool runs, then the page with its scripts, in a frame of its own.
import { Host } from "./rpc.js"

const HTML = "silverprint/html"
const PROTOCOL = "2026-01-26"
const PAUSE = 150
const TALLEST = 800

// Runs inside the page's frame, in front of everything: what leads on is told to the view, which alone talks to the host.
const LEADS = `addEventListener("click", (event) => {
  const link = event.target instanceof Element && Element.prototype.closest.call(event.target, "a[href]");
  if (!link || event.defaultPrevented) return;
  const href = link.getAttribute("href");
  if (href.startsWith("#")) return;
  event.preventDefault();
  if (event.isTrusted) parent.postMessage({ silverprint: "follow", text: link.textContent.slice(0, 1000), href: href.slice(0, 2000) }, "*");
});
addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  event.preventDefault();
  const fields = [...Reflect.get(HTMLFormElement.prototype, "elements", event.target)];
  const secret = new Set(fields.filter((field) => field.type === "password").map((field) => field.name));
  const said = [...new FormData(event.target, event.submitter)];
  const form = Object.fromEntries(said.filter(([name, value]) => typeof value === "string" && !secret.has(name)));
  const text = (event.submitter?.textContent ?? "").slice(0, 1000);
  const href = Element.prototype.getAttribute.call(event.target, "action") ?? "";
  parent.postMessage({ silverprint: "follow", text, href, form }, "*");
});`

const frame = /** @type {HTMLIFrameElement} */ (document.querySelector("iframe"))
const status = /** @type {HTMLElement} */ (document.querySelector("#status"))
const open = /** @type {HTMLButtonElement} */ (document.querySelector("#open"))
const host = new Host()
/** @type {any} */
let can = {}
let watching = 0
let page = ""

/** @param {string} html @param {boolean} whole */
function show(html, whole) {
  frame.hidden = false
  frame.setAttribute("sandbox", whole ? "allow-scripts allow-forms" : "")
  const doctype = /^\s*<!doctype[^>]*>/i.exec(html)?.[0] ?? "<!doctype html>"
  frame.srcdoc = whole ? `${doctype}<script>${LEADS}<\/script>${html.replace(/^\s*<!doctype[^>]*>/i, "")}` : html
}

/** Drafts of what was asked for, until it is made or another is.
 * @param {{ world?: string, prompt?: string, page?: string, instruction?: string }} asked */
async function watch(asked) {
  const mine = ++watching
  const of = asked.page ?? asked.world ?? "web", text = asked.instruction ?? asked.prompt ?? ""
  let seen = 0
  while (mine === watching && can.serverTools) {
    let result
    try {
      result = await host.request("tools/call", { name: "watch_page", arguments: { of, text, seen } })
    } catch {
      return // a host that lets no view call tools shows the page in the end
    }
    const html = result?._meta?.[HTML]
    if (mine !== watching) return
    if (typeof html === "string") show(html, false)
    seen = Number(result?.structuredContent?.number) || 0
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
}

/** @param {any} result */
function finish(result) {
  watching++
  const told = result?.structuredContent ?? {}, html = result?._meta?.[HTML]
  if (result?.isError || typeof html !== "string") {
    say(result?.content?.find((/** @type {any} */ part) => part.type === "text")?.text ?? "There is no page to show.")
    return
  }
  page = String(told.page ?? "")
  show(html, true)
  say(String(told.title ?? ""))
  open.hidden = !can.openLinks
  open.onclick = () => void host.request("ui/open-link", { url: String(told.link) }).catch(() => {})
}

/** @param {string} text */
function say(text) {
  status.textContent = text.slice(0, 300)
}

/** @param {any} context */
function theme(context) {
  const root = document.documentElement
  if (context?.theme) root.style.colorScheme = context.theme === "dark" ? "dark" : "light"
  for (const [name, value] of Object.entries(context?.styles?.variables ?? {}))
    if (name.startsWith("--") && typeof value === "string") root.style.setProperty(name, value)
  const most = context?.containerDimensions
  const height = Number(most?.height ?? most?.maxHeight)
  if (height > 0) frame.style.height = `${Math.min(TALLEST, height) - 48}px`
}

addEventListener("message", async (event) => {
  const { data } = event
  if (event.source !== frame.contentWindow || data?.silverprint !== "follow" || !can.serverTools || !page) return
  // A gesture in the page counts as one here, too, and no page can feign either.
  if (document.activeElement !== frame || !navigator.userActivation.isActive) return
  const asked = { page, text: String(data.text), href: String(data.href), ...(data.form ? { form: data.form } : {}) }
  page = ""
  say("Developing …")
  void watch({ page: asked.page, instruction: asked.text })
  try {
    finish(await host.request("tools/call", { name: "follow_link", arguments: asked }))
  } catch (error) {
    finish({ isError: true, content: [{ type: "text", text: String(error) }] })
  }
  page ||= asked.page
})

host.on("ui/notifications/tool-input", (params) => {
  say("Developing …")
  void watch(params.arguments ?? {})
})
host.on("ui/notifications/tool-result", finish)
host.on("ui/notifications/tool-cancelled", () => {
  watching++
  say("Cancelled.")
})
host.on("ui/notifications/host-context-changed", theme)
host.on("ui/resource-teardown", () => void watching++)
host.on("ping", () => ({}))

const appInfo = { name: "silverprint", version: "1" }
const told = await host.request("ui/initialize", { appInfo, appCapabilities: {}, protocolVersion: PROTOCOL })
can = told.hostCapabilities ?? {}
theme(told.hostContext)
host.notify("ui/notifications/initialized", {})
new ResizeObserver(() => {
  const { width, height } = document.documentElement.getBoundingClientRect()
  host.notify("ui/notifications/size-changed", { width: Math.ceil(width), height: Math.ceil(height) })
}).observe(document.documentElement)
