/**
 * Selecting the element that a change is about: the composer's button begins it, the page's frame finds the element, and a chip in
 * the composer keeps it. What the frame says is only ever shown and sent as words.
 * @import { Composer } from "./composer.js"
 * @import { Stage } from "../pages/stage.js"
 * @import { Target } from "../../types/messages.js"
 */
import { on } from "./dom.js";
import { named } from "./element-names.js";

const HOW = "Select what should change: Tab or an arrow key moves on, Enter selects, Escape leaves.";

export class Selection {
  #stage;
  #composer;
  #say;
  /** Whether an element is being selected. */
  on = false;

  /** @param {Stage} stage @param {Composer} composer @param {(words: string) => void} say to those who do not see it */
  constructor(stage, composer, say) {
    this.#stage = stage;
    this.#composer = composer;
    this.#say = say;
    on(composer, { select: on => (on ? this.#begin() : this.leave()) });
    on(stage, { pick: target => this.#pick(target), point: target => say(named(target)), leave: () => this.leave() });
  }

  /** The visitor does not want to. */
  leave() {
    if (!this.on) return;
    this.end();
    this.#composer.focusSelect();
  }

  /** There is nothing to select any more. */
  end() {
    if (!this.on) return;
    this.#turn(false);
    this.#say("");
  }

  #begin() {
    this.#turn(true);
    this.#say(HOW);
  }

  /** @param {Target} target */
  #pick(target) {
    this.#turn(false);
    this.#composer.about(target);
    this.#say(`Selected: ${named(target)}. Say what should change.`);
  }

  /** @param {boolean} on */
  #turn(on) {
    this.on = on;
    this.#stage.select(on);
    this.#composer.selecting = on;
  }
}
