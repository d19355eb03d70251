/** The page on view as a file that works alone, with the kit inside: saved, copied, or handed to another app. */
import { save } from "../replay/export.js";

const TYPE = "text/html";
const NAMED = /filename\*=UTF-8''([^;]+)/i;

/** key: the page's own, which a private one needs; socket: address of the service's websocket. @typedef {{page: string, key: string, socket: string}} Whose */
/** @typedef {{text: string, name: string}} PageFile */
/** What to tell the visitor, if anything; instead: another way, which may do. @typedef {{words: string, instead?: "download"}} Told */

/** Ask the service for the file. @param {Whose} whose @returns {Promise<PageFile>} rejects with words for the visitor */
async function fetched({ page, key, socket }) {
  const address = new URL(`/p/${encodeURIComponent(page)}.html`, socket.replace(/^ws/, "http"));
  address.searchParams.set("key", key);
  const answer = await fetch(address, { credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" }).catch(() => null);
  if (!answer) throw new Error("The service cannot be reached, so there is no file of this page now.");
  if (!answer.ok) throw new Error(`The service has no file of this page: ${(await answer.text()).slice(0, 200)}.`);
  const named = NAMED.exec(answer.headers.get("content-disposition") ?? "");
  return { text: await answer.text(), name: named?.[1] ? decodeURIComponent(named[1]) : "page.html" };
}

/** Save the page as a file. @param {Whose} whose @returns {Promise<Told>} */
export async function download(whose) {
  const { text, name } = await fetched(whose);
  save(text, name);
  return { words: `Saved as ${name}. It works without a network.` };
}

/** Copy the page's HTML. @param {Whose} whose @returns {Promise<Told>} */
export async function copyHtml(whose) {
  const file = fetched(whose);
  const copied = await copy(file.then(({ text }) => text));
  await file;
  if (copied) return { words: "The page's HTML is copied: a whole document that works alone." };
  return {
    words: "The browser does not let this site use the clipboard, so nothing was copied. The page can be saved as a file instead.",
    instead: "download",
  };
}

/**
 * Put words into the clipboard. Some browsers let only the gesture itself write there, so it is given what is yet to come.
 * @param {Promise<string>} words @returns {Promise<boolean>} whether it could be
 */
async function copy(words) {
  const blob = words.then(text => new Blob([text], { type: "text/plain" }));
  blob.catch(() => {}); // whoever asked for it tells
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    return true;
  } catch {
    return false; // forbidden, or on a plain origin, where there is no clipboard
  }
}

/** Whether this browser hands files to other apps, as phones do. */
export function sends() {
  return navigator.canShare?.({ files: [new File([""], "page.html", { type: TYPE })] }) ?? false;
}

/** Hand the page as a file to the app that the visitor chooses. @param {Whose} whose @param {string} title @returns {Promise<Told>} */
export async function send(whose, title) {
  const { text, name } = await fetched(whose);
  try {
    await navigator.share({ files: [new File([text], name, { type: TYPE })], title });
  } catch (why) {
    if (/** @type {Error} */ (why).name !== "AbortError")
      return { words: "The browser does not hand this file on. It can be saved instead.", instead: "download" };
  }
  return { words: "" };
}
