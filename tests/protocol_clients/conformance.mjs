// MCP's conformance runner as a client with a token, which it knows no option for: node conformance.mjs TOKEN ARGUMENTS...
import { subscribe } from "node:diagnostics_channel";
import fs from "node:fs";
import http from "node:http";
import { register } from "node:module";

const [authorization] = process.argv.splice(2, 1).map(token => `Bearer ${token}`);
const { request } = http;
http.request = (options, ...more) => request({ ...options, headers: { ...options.headers, authorization } }, ...more);
subscribe("undici:request:create", ({ request }) => request.addHeader("authorization", authorization));

// Node 20 has no globSync, which the runner imports for a command that is not used here.
const script = text => `data:text/javascript,${encodeURIComponent(text)}`;
const files = script(`export * from "node:fs"; export { default } from "node:fs"; export const globSync = undefined`);
const resolve = `export const resolve = (name, context, next) => name === "fs" ? { url: "${files}", shortCircuit: true } : next(name, context)`;
if (!fs.globSync) register(script(resolve));

await import("./node_modules/@modelcontextprotocol/conformance/dist/index.js");
