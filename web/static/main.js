/** Defines <silverprint-shell>. */
import { SilverprintShell } from "./shell.js";

customElements.define("silverprint-shell", SilverprintShell);
