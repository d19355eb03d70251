"use strict";
/** Says something to who looks and to who listens. @param {string} words */
function say(words) {
  const status = /** @type {HTMLElement} */ (document.getElementById("said"));
  status.textContent = words;
  status.classList.add("on");
  clearTimeout(Number(status.dataset.timer));
  status.dataset.timer = String(setTimeout(() => status.classList.remove("on"), 1600));
}

/** @param {string} text @param {string} [name] */
async function copy(text, name = "") {
  try {
    await navigator.clipboard.writeText(text);
    say(`Copied ${name}`.trim());
  } catch {
    say("The browser does not let this page copy");
  }
}

(() => {
  const form = /** @type {HTMLFormElement} */ (document.getElementById("look"));
  const words = /** @type {HTMLElement} */ (document.getElementById("words"));
  const search = /** @type {HTMLInputElement} */ (document.getElementById("search"));
  const none = /** @type {HTMLElement} */ (document.getElementById("none"));
  const sections = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("section[id]")]);
  const specimens = [...document.querySelectorAll(".example")].map(one => new Specimen(/** @type {HTMLElement} */ (one)));
  const look = new Look(form, show);

  function show() {
    for (const specimen of specimens) specimen.show(look);
    const [way] = look.ways("");
    const accent = way?.accent ? ` style="--accent:${way.accent}"` : "";
    words.textContent = `<html lang=en class="${way?.words.join(" ")}"${accent}>`;
    const modes = look.value("mode").split(" ");
    document.documentElement.dataset.tone = modes.length > 1 ? "" : modes[0];
    const palette = form.querySelector("input[name=palette]:checked + span")?.textContent ?? "";
    for (const place of document.querySelectorAll("[data-says=palette]")) place.textContent = palette;
    const adjusted = form.querySelectorAll("input[name=adjust]:checked").length;
    for (const place of document.querySelectorAll("[data-says=adjust]")) place.textContent = adjusted ? String(adjusted) : "";
  }

  /** Leaves the components that have every word in their title or their classes. */
  function filter() {
    const asked = search.value.toLowerCase().split(" ").filter(Boolean);
    let found = 0;
    for (const section of sections) {
      section.hidden = !asked.every(word => section.dataset.words?.includes(word));
      const entry = document.querySelector(`#index a[href="#${section.id}"]`)?.parentElement;
      if (entry) entry.hidden = section.hidden;
      if (!section.hidden) found += 1;
    }
    for (const group of document.querySelectorAll(/** @type {"div"} */ ("[data-group-of]")))
      group.hidden = !group.querySelector("section:not([hidden]), li:not([hidden])");
    none.hidden = found > 0;
  }

  /** What stands above a part grows while it loads: the part that the address names stays in view until somebody moves. */
  function hold() {
    const part = document.getElementById(location.hash.slice(1));
    if (!part) return;
    const held = new ResizeObserver(() => part.scrollIntoView({ behavior: "instant" }));
    held.observe(document.body);
    const end = () => held.disconnect();
    for (const type of ["wheel", "pointerdown", "touchstart", "keydown"]) addEventListener(type, end, { once: true, passive: true });
    setTimeout(end, 3000);
  }

  const seen = new IntersectionObserver(
    entries => {
      for (const { target, isIntersecting } of entries) {
        const link = document.querySelector(`#index a[href="#${target.id}"]`);
        if (isIntersecting) link?.setAttribute("aria-current", "true");
        else link?.removeAttribute("aria-current");
      }
    },
    { rootMargin: "-30% 0px -60%" },
  );

  for (const section of sections) seen.observe(section);
  search.addEventListener("input", filter);
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("button[data-copies]") : null;
    const code = button?.closest("[data-code]")?.querySelector("code");
    if (code) copy(code.textContent ?? "");
    if (target instanceof Element && target.closest("#index a")) {
      const index = document.getElementById("index");
      if (index?.matches(":popover-open")) index.hidePopover();
    }
  });
  addEventListener("hashchange", hold);
  show();
  hold();
})();
