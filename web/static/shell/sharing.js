/**
 * What a visitor does with a page to give it to others, or to take it along.
 * @import { Told, Whose } from "./page-file.js"
 */
import { copyHtml, download, send } from "./page-file.js";

/** Where a shared page is found. */
const SHARED = /^\/(?:p|embed)\/([\w-]{1,64})$/;

/** @typedef {"link" | "html" | "download" | "send"} Way */

/** The page that an address shares, if it does. @param {string} pathname */
export function sharedPage(pathname) {
  return SHARED.exec(pathname)?.[1] ?? null;
}

/**
 * Share a page in one of the ways.
 * @param {Way} way @param {Whose & {title: string}} page @returns {Promise<Told>} what to tell the visitor
 */
export async function share(way, { title, ...whose }) {
  try {
    if (way === "link") return { words: await copyLink(whose) };
    if (way === "html") return await copyHtml(whose);
    return way === "send" ? await send(whose, title) : await download(whose);
  } catch (why) {
    return { words: /** @type {Error} */ (why).message };
  }
}

/** Copy the link to a page. @param {Whose} whose */
async function copyLink({ page, socket }) {
  const link = new URL(`/p/${page}`, socket.replace(/^ws/, "http")).href;
  const copied = await navigator.clipboard?.writeText(link).then(
    () => true,
    () => false,
  );
  return copied ? `Link copied: ${link}` : `The link to this page: ${link}`;
}
