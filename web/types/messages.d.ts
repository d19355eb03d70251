/** The wire protocol as the shell sees it; docs/protocol.md says what everything means. */

export type World = "web" | "os" | "app";
/** "any": the model chooses; of a page, that it has not shown its world yet. */
export type WorldOrAny = World | "any";
export type Token = [position: number, text: string, state: 0 | 1 | 2];
export type HistoryItem = {
  page: string;
  url: string;
  title: string;
  world: WorldOrAny;
  state: "running" | "committed" | "stopped";
  base: string;
};
export type Stats = {
  tokens: number;
  canvases: number;
  steps: number[];
  tokens_per_second: number;
  first_frame: number;
  seconds: number;
  corrections: number;
  readings: number[];
  finish: string;
};

/** Of a page that the model was not sure of. score: up to 1; kinds: the nearest that it knows, each with a request for one. */
export type Doubt = { score: number; kinds: { name: string; ask: string; world: World }[] };

type Place = { page: string; url: string; world: WorldOrAny; base: string; undo: boolean; redo: boolean; index: number; length: number };
type Step = {
  page: string;
  block: number;
  step: number;
  steps: number;
  settled: number;
  entropy: number;
  tokens: Token[];
  reading: number;
};

export type Welcome = {
  type: "welcome";
  seq: number;
  session: string;
  resumed: boolean;
  model: string;
  frames: string;
  voice: boolean;
  limits: { prompt_chars: number; message_bytes: number };
  history: HistoryItem[];
  index: number;
};
export type PageStart = Place & { type: "page.start"; seq: number; prompt: string };
export type PageQueued = { type: "page.queued"; seq: number; page: string; position: number };
export type Keyframe = Step & { type: "keyframe"; seq: number; html: string };
export type Delta = Step & { type: "frame"; seq: number; at: number; cut: number; text: string };
export type PageCommit = Place & {
  type: "page.commit";
  seq: number;
  title: string;
  html: string;
  key: string;
  stats: Stats;
  private: boolean;
  unchanged: boolean;
  doubt?: Doubt;
};
export type PageStopped = Place & { type: "page.stopped"; seq: number; title: string; html: string; key: string; reason: string };
export type Failure = { type: "error"; seq: number; code: string; message: string; page?: string | null };
export type ServerMessage = Welcome | PageStart | PageQueued | Keyframe | Delta | PageCommit | PageStopped | Failure;

export type Target = {
  tag: string;
  text: string;
  href?: string;
  name?: string;
  value?: string;
  form?: Record<string, string>;
  nth?: number;
};
export type ClientMessage =
  | { type: "hello"; session?: string; last_seq?: number; token?: string }
  | { type: "navigate"; url: string; fresh?: boolean }
  | { type: "act"; page: string; target: Target }
  | { type: "store"; page: string; data: Record<string, string> }
  | { type: "prefetch"; page: string; target: Target }
  | { type: "open"; page: string }
  | { type: "prompt"; text: string; world?: WorldOrAny; edit?: boolean; target?: Target }
  | { type: "style"; words: string }
  | { type: "go"; delta: number }
  | { type: "cancel" }
  | { type: "ack"; seq: number };

/** What a visitor did to a page, told by one frame and restored in the next. */
export type View = { x: number; y: number; focus: number; edited: [index: number, value: string, checked: boolean][] };
