/* for: .board .seats .calendar .swatches .pixels .keys .piano */
// Arrow keys move between the cells of a board and its like; Tab passes it in one step. Where things stand decides, so that any
// number of columns, tables, gaps and both directions of writing work alike.

const GRIDS = ".board, .seats, .calendar, .swatches, .pixels, .keys, .piano";
const CELLS = "button, a[href], [tabindex], input[maxlength='1']";
const PRESSES = ["click", "pointerdown", "mousedown"];

/** Where the focus is, or was before a page drew its board anew. @type {{grid: Element, which: number, place: number} | null} */
let last = null;

/** @param {Element} grid @returns {HTMLElement[]} */
const cellsOf = grid => [...grid.querySelectorAll(/** @type {"button"} */ (CELLS))];

listen.call(document, "focusin", ({ target }) => {
  const cell = /** @type {HTMLElement} */ (target);
  const grid = cell.matches(CELLS) && cell.closest(GRIDS);
  if (!grid) return void (last = null);
  const cells = cellsOf(grid);
  last = { grid, which: [...document.querySelectorAll(GRIDS)].indexOf(grid), place: cells.indexOf(cell) };
  for (const one of cells) if (!one.matches("input") && one.tabIndex !== (one === cell ? 0 : -1)) one.tabIndex = one === cell ? 0 : -1;
});

listen.call(document, "focusout", ({ target }) => {
  const cell = /** @type {HTMLElement} */ (target);
  const was = last;
  setTimeout(() => {
    if (last === was && cell.isConnected && !cell.matches(":disabled")) last = null;
  });
});

/** The cell that has the focus, or that stands where one had it that is gone. */
function here() {
  const active = /** @type {HTMLElement | null} */ (document.activeElement);
  if (!last || (active && active !== document.body)) return last && active;
  const grid = last.grid.isConnected ? last.grid : document.querySelectorAll(GRIDS)[last.which];
  return grid ? cellsOf(grid)[last.place] : null;
}

after(document, "click", () => {
  setTimeout(() => last && document.activeElement === document.body && here()?.focus({ preventScroll: true }));
});

after(self, "keydown", event => {
  const from = here();
  const grid = from?.closest(GRIDS);
  if (!from || !grid || event.defaultPrevented || event.altKey || event.metaKey || event.isComposing) return;
  const to = event.key === "Enter" || event.key === " " ? pressed(from, grid, event) : next(cellsOf(grid), from, event);
  if (!to) return;
  event.preventDefault();
  to.focus();
});

/** What a browser does not press by itself. @param {HTMLElement} cell @param {Element} grid @param {KeyboardEvent} event */
function pressed(cell, grid, { target, repeat }) {
  const native = target === cell && cell.matches("button, a, input");
  if (repeat || (native && (hears(cell, ["click"], grid) || !hears(cell, PRESSES, grid)))) return null;
  press(cell);
  return here();
}

/**
 * The cell that an arrow leads to: the nearest in its own row or column, else the nearest in the next row.
 * @param {HTMLElement[]} cells @param {Element} from @param {KeyboardEvent} event
 */
function next(cells, from, { key, ctrlKey }) {
  const open = cells.filter(cell => !cell.matches(":disabled"));
  if (ctrlKey) return key === "Home" ? open[0] : key === "End" ? open.at(-1) : null;
  const at = from.getBoundingClientRect();
  let [least, found] = [Infinity, /** @type {HTMLElement | null} */ (null)];
  for (const cell of open) {
    const { x, y, width, height } = cell.getBoundingClientRect();
    const [right, below] = [x + width / 2 - at.x - at.width / 2, y + height / 2 - at.y - at.height / 2];
    const away = far(key, right, below, at);
    if (width && away < least) [least, found] = [away, cell];
  }
  return found;
}

/** How far a cell is from another in the way of a key. @param {string} key @param {number} right @param {number} below @param {DOMRect} at */
function far(key, right, below, { width, height }) {
  const level = Math.abs(below) < height / 2;
  if (key === "Home" || key === "End") return level ? (key === "Home" ? right : -right) : Infinity;
  if (key === "ArrowLeft" || key === "ArrowRight")
    return level && (key === "ArrowLeft" ? right < -1 : right > 1) ? Math.abs(right) : Infinity;
  if (key !== "ArrowUp" && key !== "ArrowDown") return Infinity;
  if (level || (key === "ArrowUp") === below > 0) return Infinity;
  return Math.abs(below) + Math.abs(right) + (Math.abs(right) < width / 2 ? 0 : 1e4);
}

// Cells that are no buttons but are pressed by the page's script are reached, too: they are made ready when someone tabs.
listen.call(
  self,
  "keydown",
  event => {
    if (/** @type {KeyboardEvent} */ (event).key !== "Tab") return;
    for (const grid of document.querySelectorAll(GRIDS)) {
      const cells = /** @type {HTMLElement[]} */ ([...(grid.matches("table") ? grid.querySelectorAll("td") : grid.children)]);
      if (cellsOf(grid).length || !cells.some(cell => hears(cell, PRESSES, grid))) continue;
      for (const cell of cells) {
        cell.tabIndex = cell === cells[0] ? 0 : -1;
        cell.role ??= "button";
      }
    }
  },
  true,
);
