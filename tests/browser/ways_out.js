// Every way we know by which a page could tell somebody outside of it something, or do something to its visitor. Runs in a
// page; TCP and UDP are ports that listen on this machine, and `tried` tells what each way came to.
const there = "http://127.0.0.1:TCP/";
const named = "http://secret.leak.test:TCP/";
const put = (tag, attributes) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  document.body.append(element);
  return element;
};
const opened = (target, good, bad = "error") =>
  new Promise((done, fail) => { target.addEventListener(good, () => done("OPEN")); target.addEventListener(bad, () => fail(new Error("refused"))) });
const ways = {
  fetch: () => fetch(there + "fetch", { mode: "no-cors", keepalive: true }),
  named: () => fetch(named + "fetch", { mode: "no-cors" }),
  xhr: () => new Promise((done, fail) => { const x = new XMLHttpRequest(); x.open("GET", there + "xhr"); x.onload = () => done("LOADED"); x.onerror = () => fail(new Error("refused")); x.send() }),
  beacon: () => void navigator.sendBeacon(there + "beacon", "x"),
  later: () => self.fetchLater && void fetchLater(there + "later", { activateAfter: 0 }),
  socket: () => opened(new WebSocket("ws://127.0.0.1:TCP/ws"), "open"),
  events: () => opened(new EventSource(there + "events"), "open"),
  transport: () => new WebTransport("https://127.0.0.1:TCP/").ready,
  rtc: () => new RTCPeerConnection(),
  oldRtc: () => new webkitRTCPeerConnection(),
  image: () => void (new Image().src = there + "image"),
  picture: () => void (put("img", { srcset: there + "srcset 1x", src: there + "src" })),
  input: () => void put("input", { type: "image", src: there + "input" }),
  video: () => void put("video", { src: there + "video", poster: there + "poster", autoplay: "" }),
  audio: () => void put("audio", { src: there + "audio", autoplay: "" }),
  track: () => void (put("video", {}).innerHTML = `<track default src="${there}track">`),
  object: () => void put("object", { data: there + "object" }),
  embed: () => void put("embed", { src: there + "embed" }),
  frame: () => void put("iframe", { src: there + "frame" }),
  fenced: () => void put("fencedframe", { src: there + "fenced" }),
  table: () => void put("table", { background: there + "table" }),
  script: () => void put("script", { src: there + "script.js" }),
  module: () => import(there + "module.js"),
  style: () => void (put("style", {}).textContent = `@import "${there}import";p{background:url(${there}css)}@font-face{font-family:f;src:url(${there}font)}*{font-family:f}`),
  sheet: () => { const sheet = new CSSStyleSheet(); sheet.replaceSync(`body{background:url(${there}sheet)}`); document.adoptedStyleSheets = [sheet] },
  inline: () => void put("p", { style: `background:image-set(url(${there}set) 1x);cursor:url(${there}cursor),auto` }),
  svg: () => void (put("div", {}).innerHTML = `<svg><image href="${there}svg"/><use href="${there}use#x"/><filter><feImage href="${there}fe"/></filter></svg>`),
  math: () => void (put("div", {}).innerHTML = `<math><mtext><a href="${there}math" ping="${there}ping">x</a></mtext></math>`),
  worker: () => opened(new Worker(URL.createObjectURL(new Blob(["postMessage(1)"]))), "message"),
  sharedWorker: () => new SharedWorker("data:text/javascript,1"),
  serviceWorker: () => navigator.serviceWorker.register("/static/main.js"),
  paint: () => CSS.paintWorklet.addModule(there + "paint"),
  sound: () => new AudioContext().audioWorklet.addModule(there + "sound"),
  report: () => void put("meta", { "http-equiv": "Content-Security-Policy", content: `img-src 'none'; report-uri ${there}report` }),
  base: () => void put("base", { href: there }),
  speculation: () => { const rules = document.createElement("script"); rules.type = "speculationrules"; rules.textContent = JSON.stringify({ prefetch: [{ urls: [there + "speculation"], eagerness: "immediate" }] }); document.head.append(rules) },
  eval: () => eval("'RAN'"),
  timer: () => new Promise((done, fail) => { setTimeout("window.timed = true", 0); setTimeout(() => (self.timed ? done("RAN") : fail(new Error("refused"))), 50) }),
  cookie: () => document.cookie,
  database: () => new Promise((done, fail) => { const asked = indexedDB.open("x"); asked.onsuccess = () => done("OPEN"); asked.onerror = () => fail(new Error("refused")) }),
  caches: () => caches.open("x"),
  files: () => navigator.storage.getDirectory(),
  borrowed: () => put("iframe", {}).contentWindow.localStorage,
  shell: () => top.document.title,
  address: () => top.location.href,
  guard: () => parent.document.title,
  sibling: () => { for (let n = 0; n < top.frames.length; n++) if (top.frames[n] !== parent) top.frames[n].location = there + "sibling"; throw new Error("refused") },
  guardGone: () => void (parent.location = there + "parent"),
  top: () => void (top.location = there + "top"),
  download: () => put("a", { href: URL.createObjectURL(new Blob(["x"])), download: "x.exe" }).click(),
  dialogs: () => { if (confirm("?") || prompt("?")) return "SHOWN"; throw new Error("refused") },
  clipboard: () => navigator.clipboard.readText(),
  copy: () => navigator.clipboard.writeText("stolen"),
  fullscreen: () => document.documentElement.requestFullscreen(),
  pointer: () => document.body.requestPointerLock(),
  keyboard: () => navigator.keyboard.lock(),
  place: () => new Promise((done, fail) => navigator.geolocation.getCurrentPosition(() => done("GOT"), fail)),
  camera: () => navigator.mediaDevices.getUserMedia({ video: true, audio: true }),
  screen: () => navigator.mediaDevices.getDisplayMedia(),
  notification: async () => { if ((await Notification.requestPermission()) === "granted") return "GRANTED"; throw new Error("refused") },
  midi: () => navigator.requestMIDIAccess(),
  usb: () => navigator.usb.requestDevice({ filters: [] }),
  bluetooth: () => navigator.bluetooth.requestDevice({ acceptAllDevices: true }),
  share: () => navigator.share({ title: "x", url: there }),
  payment: () => new PaymentRequest([{ supportedMethods: "https://x.test" }], { total: { label: "x", amount: { currency: "EUR", value: "1" } } }).show(),
  password: async () => { if (await navigator.credentials.get({ password: true })) return "GOT"; throw new Error("refused") },
  key: () => navigator.credentials.create({ publicKey: { challenge: new Uint8Array(9), rp: { name: "x" }, user: { id: new Uint8Array(9), name: "x", displayName: "x" }, pubKeyCredParams: [{ type: "public-key", alg: -7 }] } }),
  file: () => showOpenFilePicker(),
  wake: () => navigator.wakeLock.request(),
  model: () => (self.LanguageModel ? LanguageModel.create() : Promise.reject(new Error("refused"))),
  storage: () => document.requestStorageAccess(),
};
for (const rel of ["dns-prefetch", "preconnect", "prefetch", "prerender", "preload", "modulepreload", "stylesheet", "icon", "manifest", "next", "pingback", "compression-dictionary"])
  ways[`link ${rel}`] = () => void (put("link", { rel, href: there + rel, as: "image" }), put("link", { rel, href: named + rel }));
window.tried = new Promise(ended => addEventListener("load", async () => {
  const came = {};
  for (const [way, attempt] of Object.entries(ways)) {
    try {
      const came_to = await Promise.race([attempt(), new Promise((_, late) => setTimeout(late, 400, new Error("nothing came")))]);
      if (came_to !== undefined) came[way] = String(came_to);
    } catch {}
  }
  ended({ came, ways: Object.keys(ways).length });
}));
