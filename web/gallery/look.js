"use strict";
/**
 * One way to show an example. words: the classes of its <html>. width: in pixels, 0 for what there is. label: what tells it
 * from its neighbours, "" if it has none.
 * @typedef {{ words: string[], accent: string, width: number, label: string }} Way
 */

/** What the switches say. It is kept in the page's address, so that a view can be bookmarked and sent. */
class Look {
  /** @param {HTMLFormElement} form @param {() => void} changed */
  constructor(form, changed) {
    this.form = form;
    /** @type {HTMLInputElement[]} */
    this.boxes = [...form.querySelectorAll("input")];
    if (matchMedia("(prefers-color-scheme: dark)").matches) this.choose("mode", "dark");
    for (const [name, value] of new URLSearchParams(location.search)) this.choose(name, value);
    form.addEventListener("input", ({ target }) => {
      if (target instanceof HTMLInputElement) this.settle(target);
      this.keep();
      changed();
    });
    form.addEventListener("reset", () => setTimeout(() => (this.keep(), changed())));
    form.addEventListener("submit", event => event.preventDefault());
  }

  /** @param {string} name @param {string} value */
  choose(name, value) {
    for (const box of this.boxes.filter(box => box.name === name)) {
      if (box.type === "color") box.value = value;
      else if (box.value === value) box.checked = true;
    }
  }

  /** What cannot be together with what was just chosen is let go. @param {HTMLInputElement} chosen */
  settle(chosen) {
    if (chosen.type === "color") this.choose("palette", "own");
    const other = { design: "palette", palette: "design" }[chosen.name];
    if (other && chosen.value === "all" && this.value(other) === "all") {
      const first = this.boxes.find(box => box.name === other && box.value !== "all");
      if (first) first.checked = true;
    }
    if (!chosen.dataset.group || !chosen.checked) return;
    for (const box of this.boxes) if (box !== chosen && box.dataset.group === chosen.dataset.group) box.checked = false;
  }

  keep() {
    const said = new URLSearchParams();
    for (const box of this.boxes) {
      const says = box.type === "color" ? this.value("palette") === "own" : box.checked && !box.defaultChecked;
      if (says) said.append(box.name, box.value);
    }
    history.replaceState(null, "", `${location.pathname}${String(said) && `?${said}`}${location.hash}`);
  }

  /** @param {string} name */
  value(name) {
    return String(new FormData(this.form).get(name) ?? "");
  }

  /** All values that a switch offers, one by one. @param {string} name */
  offered(name) {
    const values = this.boxes.filter(box => box.name === name).map(box => box.value);
    return values.filter(value => value !== "all" && value !== "own");
  }

  /** The values of a switch to show; several for "all". @param {string} name @param {string} vary */
  values(name, vary) {
    const value = this.value(name);
    if (vary === name) return this.offered(name);
    if (value === "all") return vary ? this.offered(name).slice(0, 1) : this.offered(name);
    return [value];
  }

  /** The ways to show an example, which may vary one of the switches by itself. @param {string} vary @returns {Way[]} */
  ways(vary) {
    const designs = this.values("design", vary);
    const palettes = this.values("palette", vary);
    const modes = this.value("mode").split(" ");
    const chosen = new FormData(this.form).getAll("adjust").map(String);
    const adjustments = vary === "adjustment" ? this.offered("adjust").map(word => [word]) : [chosen];
    const widths = vary
      ? [0]
      : this.value("width")
          .split(" ")
          .map(width => Number(width) || 0);
    return designs.flatMap(design =>
      palettes.flatMap(palette =>
        adjustments.flatMap(words =>
          modes.flatMap(mode =>
            widths.map(width => ({
              words: [design, palette === "own" ? "" : palette, mode, ...words].filter(Boolean),
              accent: palette === "own" ? this.value("accent") : "",
              width,
              label: [
                designs.length > 1 && design,
                palettes.length > 1 && (palette || "the design's own"),
                vary === "adjustment" && words.join(" "),
                modes.length > 1 && mode,
                widths.length > 1 && `${width} px`,
              ]
                .filter(Boolean)
                .join(" · "),
            })),
          ),
        ),
      ),
    );
  }
}
