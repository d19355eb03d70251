import type { Config } from "idiomorph";

declare global {
  /** static/vendor/idiomorph/idiomorph.js */
  const Idiomorph: { morph(target: Element, content: Node[], config: Config): unknown };

  /** The audio thread's own scope; TypeScript's library of the document has none of it. */
  class AudioWorkletProcessor {
    readonly port: MessagePort;
  }
  function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
  const sampleRate: number;

  /** Web Speech as far as the shell uses it, with what came after TypeScript's library: on-device recognition. */
  interface LocalRecognition extends EventTarget {
    start(): void;
    stop(): void;
    abort(): void;
    onspeechstart: (() => void) | null;
    onspeechend: (() => void) | null;
    onresult: ((event: { results: Iterable<ArrayLike<{ transcript: string }>> }) => void) | null;
    onerror: ((event: { error: string }) => void) | null;
    onend: (() => void) | null;
  }

  /** Trusted Types as far as pages are given them. A rule that gives null refuses. */
  type Rule = (text: string, type: string, sink: string) => string | null;

  interface Window {
    trustedTypes?: {
      createPolicy(name: string, rules: { createHTML: Rule; createScript: Rule; createScriptURL: Rule }): unknown;
    };
    /** Reads an object as its prototype has it, whatever stands in it under a name. Gone once page.js has begun. */
    silverprintPlain?: <T extends object>(object: T) => T;
    /** What the session keeps for a page, by name. */
    silverprintStored?: Record<string, string>;
    /** Takes what sends changed data to the shell; that says whether it could. */
    /** Goes to a fragment of the page. */
    silverprintFollow?: (href: string) => void;
    silverprintKeep?: (by: (data: Record<string, string>) => boolean) => void;
    /** Gives what begins and ends the selection of an element; tell: how it goes. */
    silverprintSelect?: (
      tell: (said: { verb: string; target?: { tag: string; text: string; name: string | null; nth: number } }) => void,
      wordsOf: (element: Element) => string,
    ) => (message: { on: boolean }) => object | void;
    /** What of a host's look may reach a page, and how it is spelled there; fonts: those that may be named. */
    silverprintLook?: Readonly<{
      rules: (look: unknown) => string;
      fonts: string[];
      lengths: Record<string, [unit: string, least: number, most: number]>;
    }>;
    SpeechRecognition?: {
      new (): LocalRecognition;
      available?(options: { langs: string[]; processLocally: boolean }): Promise<string>;
    };

    /** What a frame does when the shell asks: its verbs, by name; what one returns goes back to the shell. */
    silverprintVerbs: Record<string, (message: any) => object | void>;
  }
}
