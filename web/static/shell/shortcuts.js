/** The keyboard of the shell. A key pressed while writing belongs to the text, but for Escape and the microphone. */

/**
 * @typedef {object} Desk what keys act on
 * @property {boolean} writing whether the focus is in a field of the shell
 * @property {() => boolean} escape  each gives whether it had something to do
 * @property {() => boolean} speak
 * @property {() => boolean} focus
 * @property {() => boolean} undo
 * @property {() => boolean} redo
 * @property {() => boolean} back
 * @property {() => boolean} forward
 */

/** Do what a key means. @param {KeyboardEvent} event @param {Desk} desk */
export function press(event, desk) {
  const meaning = read(event, desk.writing);
  if (meaning && (event.repeat && meaning === "speak" ? true : desk[meaning]())) event.preventDefault();
}

/** @param {KeyboardEvent} event @param {boolean} writing @returns {Exclude<keyof Desk, "writing"> | null} */
function read({ key, code, altKey, ctrlKey, metaKey, shiftKey }, writing) {
  if (key === "Escape") return "escape";
  if (altKey && code === "KeyV") return "speak";
  if (writing) return null;
  if (altKey) return key === "ArrowLeft" ? "back" : key === "ArrowRight" ? "forward" : null;
  if (ctrlKey || metaKey) return key.toLowerCase() !== "z" ? null : shiftKey ? "redo" : "undo";
  return key === "/" ? "focus" : null;
}
