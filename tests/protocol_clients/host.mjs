// An MCP host of the reference kind around a view; tests bundle it for a browser and drive it through `self.host`.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

const host = { calls: [], links: [], sizes: [], ready: false, drafts: [], results: {} };
self.host = host;

const variables = { "--color-background-primary": "rgb(1, 2, 3)", "--color-text-primary": "rgb(250, 250, 250)" };
const capabilities = { openLinks: {}, serverTools: {} };
const hostContext = { theme: "dark", styles: { variables }, containerDimensions: { maxHeight: 500 } };

host.begin = async html => {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts allow-forms";
  frame.style.cssText = "width:800px;height:600px";
  document.body.append(frame);
  const bridge = new AppBridge(null, { name: "host", version: "1" }, capabilities, { hostContext });
  host.bridge = bridge;
  bridge.oninitialized = () => void (host.ready = true);
  bridge.onsizechange = size => void host.sizes.push(size);
  bridge.onopenlink = async ({ url }) => (host.links.push(url), {});
  bridge.oncalltool = async call => {
    host.calls.push(call);
    if (call.name === "watch_page") {
      while (!host.drafts.length) await new Promise(resolve => setTimeout(resolve, 10));
      const html = host.drafts.shift();
      const said = { content: [], structuredContent: { number: host.calls.length, making: true } };
      return { ...said, _meta: { "silverprint/html": html } };
    }
    return host.results[call.name];
  };
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.srcdoc = html;
};
