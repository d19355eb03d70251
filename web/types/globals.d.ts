import type { Config } from "idiomorph";

declare global {
  /** static/vendor/idiomorph/idiomorph.js */
  const Idiomorph: { morph(target: Element, content: Node[], config: Config): unknown };

  interface Window {
    /** What a frame does when the shell asks: its verbs, by name; what one returns goes back to the shell. */
    silverprintVerbs: Record<string, (message: any) => object | void>;
  }
}
