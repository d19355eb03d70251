/** What the kit's scripts (web/kit/scripts) hand one another. They run in one scope, which a page does not see. */
interface Chart {
  kind: string;
  spark: boolean;
  series: { label: string; value: number; before: string; after: string }[][];
  names: string[];
  width: number;
  height: number;
  /** How round bars end. px */
  round: number;
  label: (at: number) => string;
  say: (value: number) => string;
}

/** A number that is drawn, and its place in its series. */
interface Point {
  at: number;
  value: number;
}
