// Reads {looks, hosts} as JSON from stdin; prints what the frames' check makes of each look, and the colours of each host.
const { looks, hosts } = JSON.parse(await new Response(process.stdin).text());
globalThis.self = globalThis;
await import("../../../web/static/frame/look.js");
const { rules } = globalThis.silverprintLook;
const { colours } = await import("../../../web/static/look/surfaces.js");
console.log(JSON.stringify({ rules: looks.map(look => rules(look)), colours: hosts.map(host => colours(host)) }));
