/* for: .pixels */
// A finger or a mouse that is drawn over pixels presses each that it meets, unless the page takes the press for itself.

/** The pixel that is under the pointer while it is down. @type {HTMLElement | null} */
let brush = null;
/** Whether nothing has been drawn since the pointer went down. */
let fresh = false;

/** @param {PointerEvent} event @returns {HTMLElement | null} */
const under = ({ clientX, clientY }) => document.elementFromPoint(clientX, clientY)?.closest(".pixels > *") ?? null;

after(document, "pointerdown", event => {
  brush = event.defaultPrevented || event.button ? null : under(event);
  fresh = true;
  if (event.target.hasPointerCapture?.(event.pointerId)) event.target.releasePointerCapture(event.pointerId);
});

after(document, "pointermove", event => {
  const pixel = brush && event.buttons ? under(event) : null;
  if (!pixel || pixel === brush) return;
  if (fresh) brush?.click();
  pixel.click();
  [brush, fresh] = [pixel, false];
});
