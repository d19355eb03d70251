/**
 * <silverprint-shell> for pages of other sites. The element itself comes from the service, so that the two always fit.
 * @import { SilverprintShell } from "../static/shell.js"
 */

/** @type {Map<string, Promise<unknown>>} */
const loading = new Map();

/**
 * Define the element. The first service asked for in a page is the one of all its shells that name no other by `socket`.
 * @param {string} service its address, "https://service.example"
 * @returns {Promise<typeof SilverprintShell>} rejects if the service does not answer
 */
export async function load(service) {
  const address = new URL("/static/silverprint.js", service).href;
  if (!loading.has(address)) loading.set(address, import(/* webpackIgnore: true */ /* @vite-ignore */ address));
  await loading.get(address);
  return /** @type {typeof SilverprintShell} */ (await customElements.whenDefined("silverprint-shell"));
}
