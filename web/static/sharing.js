/** Links under which others find a copy of a page. */

/** Where a shared page is found. */
const SHARED = /^\/(?:p|embed)\/([\w-]{1,64})$/;

/** The page that an address shares, if it does. @param {string} pathname */
export function sharedPage(pathname) {
  return SHARED.exec(pathname)?.[1] ?? null;
}

/**
 * Copy the link to a page.
 * @param {string} page @param {string} socket address of the service's websocket
 * @returns {Promise<string>} what to tell the visitor: the link, and whether it could be copied
 */
export async function copyLink(page, socket) {
  const link = new URL(`/p/${page}`, socket.replace(/^ws/, "http")).href;
  const copied = await navigator.clipboard?.writeText(link).then(() => true, () => false);
  return copied ? `Link copied: ${link}` : `The link to this page: ${link}`;
}
