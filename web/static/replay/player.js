/**
 * The bar below a page that developed in this tab: play, slow motion, a scrubber over a curve of the model's uncertainty.
 * @import { Recording } from "./recording.js"
 */
import { h, icon, redraw } from "../shell/dom.js";

const PLAY = "M8 5.5v13l10.5-6.5z";
const PAUSE = "M8 6v12M16 6v12";
const SAVE = "M12 4.5v9.5M7.5 10 12 14.5 16.5 10M5.5 18.5h13";
/** @type {[string, number][]} */
const SPEEDS = [
  ["1×", 1],
  ["½×", 0.5],
  ["¼×", 0.25],
  ["⅛×", 0.125],
];
/** No wait between two frames is longer or shorter than this. ms */
const LONGEST = 1000;
const SHORTEST = 16;
const SVG = "http://www.w3.org/2000/svg";

/** Fires "show" (detail: index of a shot) and "save". */
export class Player extends EventTarget {
  /** @type {Recording | null} */ #recording = null;
  #timer = 0;
  #icon = icon(PLAY);
  #play = h("button", { type: "button", class: "tool", onclick: () => (this.#timer ? this.pause() : this.play()) }, this.#icon);
  #speed = h("select", { "aria-label": "Speed", class: "speed" }, ...SPEEDS.map(([name, value]) => h("option", { value }, name)));
  #scrub = h("input", { type: "range", min: 0, value: 0, "aria-label": "Moment", oninput: this.#onScrub.bind(this) });
  #curve = document.createElementNS(SVG, "polyline");
  #facts = h("span", { class: "moment" });
  element = h(
    "section",
    { class: "player", "aria-label": "Replay", hidden: true },
    this.#play,
    this.#speed,
    this.#track(),
    this.#facts,
    this.#saver(),
  );

  constructor() {
    super();
    this.#label();
  }

  /** Take up a recording, at its end. @param {Recording} recording */
  load(recording) {
    this.pause();
    this.#recording = recording;
    this.#scrub.max = String(recording.shots.length - 1);
    this.#scrub.value = this.#scrub.max;
    this.#draw(recording);
    this.#show();
  }

  play() {
    const recording = this.#recording;
    if (!recording) return;
    if (this.#at >= recording.shots.length - 1) this.#scrub.value = "0";
    this.#show();
    this.#wait(recording);
    this.#label();
  }

  pause() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#label();
  }

  get #at() {
    return Number(this.#scrub.value);
  }

  /** Wait as long as it took, show the next. @param {Recording} recording */
  #wait(recording) {
    const [now, next] = [recording.shots[this.#at], recording.shots[this.#at + 1]];
    if (!now || !next) return this.pause();
    const took = Math.min(Math.max(next.at - now.at, SHORTEST), LONGEST);
    this.#timer = setTimeout(
      () => {
        this.#scrub.value = String(this.#at + 1);
        this.#show();
        this.#wait(recording);
      },
      took / Number(this.#speed.value),
    );
  }

  #onScrub() {
    this.pause();
    this.#show();
  }

  #show() {
    const shot = this.#recording?.shots[this.#at];
    if (!this.#recording || !shot) return;
    const { corrections } = this.#recording.canvases(this.#at);
    const words = [
      `canvas ${shot.block + 1}`,
      shot.reading ? `reading ${shot.reading}` : `step ${shot.step}/${shot.steps}`,
      `${(shot.at / 1000).toFixed(1)} s`,
      `${shot.entropy.toFixed(2)} nats`,
    ];
    if (corrections) words.push(`${corrections} corrected`);
    this.#facts.replaceChildren(...words.map(word => h("span", {}, word)));
    this.#scrub.setAttribute("aria-valuetext", words.join(", "));
    this.dispatchEvent(new CustomEvent("show", { detail: this.#at }));
  }

  #label() {
    redraw(this.#icon, this.#timer ? PAUSE : PLAY);
    this.#play.setAttribute("aria-label", this.#timer ? "Pause" : "Play");
    this.#play.title = this.#timer ? "Pause" : "Watch the page develop again";
  }

  /** Mean entropy of the canvas over the shots. @param {Recording} recording */
  #draw({ shots }) {
    const top = Math.max(...shots.map(shot => shot.entropy), 1e-6);
    const place = (/** @type {number} */ index) => (shots.length > 1 ? (100 * index) / (shots.length - 1) : 0);
    const points = shots.map(({ entropy }, index) => `${place(index).toFixed(2)},${(20 - (18 * entropy) / top).toFixed(2)}`);
    this.#curve.setAttribute("points", points.join(" "));
  }

  #track() {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 100 21");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    svg.append(this.#curve);
    return h("div", { class: "track", title: "The model's uncertainty, step by step" }, svg, this.#scrub);
  }

  #saver() {
    const save = () => this.dispatchEvent(new CustomEvent("save"));
    return h(
      "button",
      { type: "button", class: "tool", "aria-label": "Save this replay", title: "Save this replay as a file", onclick: save },
      icon(SAVE),
    );
  }
}
