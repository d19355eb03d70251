/**
 * <silverprint-shell> as a React component: properties become attributes, `on…` listens, `functions` are offered to pages.
 * @import { PageInfo, Progress, SilverprintShell } from "../static/shell.js"
 */
import { createElement, useEffect, useRef } from "react";
import { load } from "./index.js";

/**
 * @typedef {object} Properties
 * @property {string} service address of the service, "https://service.example"
 * @property {"any" | "web" | "os" | "app"} [world] all that is made; without it the visitor chooses
 * @property {string} [prompt]
 * @property {"none"} [controls]
 * @property {"light" | "dark"} [theme]
 * @property {"off"} [drafts]
 * @property {"off"} [prefetch]
 * @property {string} [kit] how new pages look: words of the kit, or the address of a style sheet
 * @property {string} [token]
 * @property {string} [tickets] address at your own site that gives a ticket for each connection, in place of `token`
 * @property {string} [id]
 * @property {string} [className]
 * @property {import("react").CSSProperties} [style]
 * @property {(event: CustomEvent<PageInfo>) => void} [onStart]
 * @property {(event: CustomEvent<Progress>) => void} [onFrame]
 * @property {(event: CustomEvent<PageInfo>) => void} [onCommit]
 * @property {(event: CustomEvent<object>) => void} [onAction]
 * @property {(event: CustomEvent<{code: string, message: string}>) => void} [onError] also when the service cannot be reached (code "load_failed")
 * @property {Record<string, {run: (...args: any[]) => unknown, about?: string, remember?: boolean}>} [functions]
 * @property {{current: SilverprintShell | null}} [shell] gets the element, for its methods
 */

/** @param {Properties} properties */
export function Silverprint({ service, onStart, onFrame, onCommit, onAction, onError, functions, shell, ...attributes }) {
  const element = useRef(/** @type {SilverprintShell | null} */ (null));
  useListener(element, "silverprint-start", onStart);
  useListener(element, "silverprint-frame", onFrame);
  useListener(element, "silverprint-commit", onCommit);
  useListener(element, "silverprint-action", onAction);
  useListener(element, "silverprint-error", onError);
  useEffect(() => {
    let gone = false;
    /** @type {((() => void) | undefined)[]} */
    let taken = [];
    const offer = () => {
      const all = gone ? [] : Object.entries(functions ?? {});
      taken = all.map(([name, { run, ...options }]) => element.current?.register(name, run, options));
    };
    const fail = (/** @type {Error} */ { message }) => {
      const detail = { code: "load_failed", message };
      element.current?.dispatchEvent(new CustomEvent("silverprint-error", { detail, bubbles: true }));
    };
    load(service).then(offer, fail);
    return () => {
      gone = true;
      taken.forEach(takeBack => takeBack?.());
    };
  }, [service, functions]);
  const ref = (/** @type {SilverprintShell | null} */ current) => {
    element.current = current;
    if (shell) shell.current = current;
  };
  return createElement("silverprint-shell", { ref, ...attributes });
}

/** @param {{current: EventTarget | null}} element @param {string} type @param {((event: CustomEvent<any>) => void) | undefined} listen */
function useListener(element, type, listen) {
  useEffect(() => {
    const target = element.current;
    if (!target || !listen) return;
    target.addEventListener(type, /** @type {EventListener} */ (listen));
    return () => target.removeEventListener(type, /** @type {EventListener} */ (listen));
  }, [element, type, listen]);
}
