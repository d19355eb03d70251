/** What the kit's scripts (web/kit/scripts) hand one another. They run in one scope, which a page does not see. */
interface Chart {
  kind: string;
  spark: boolean;
  series: { label: string; value: number; before: string; after: string }[][];
  names: string[];
  width: number;
  height: number;
  /** How round bars end. px */
  corner: number;
  label: (at: number) => string;
  say: (value: number) => string;
}

/** Where a plot may draw: from `left` on, `count` places `slot` wide, above `base`. */
interface Room {
  left: number;
  slot: number;
  base: number;
  count: number;
}

interface Point {
  at: number;
  x: number;
  y: number;
  value: number;
}
