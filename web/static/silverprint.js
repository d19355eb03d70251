/**
 * Defines <silverprint-shell>. A page of any allowed origin loads this module from the service and uses the element:
 *
 *     <script type="module" src="https://service.example/static/silverprint.js"></script>
 *     <silverprint-shell world="web"></silverprint-shell>
 */
import { SilverprintShell } from "./shell.js";

if (!customElements.get("silverprint-shell")) customElements.define("silverprint-shell", SilverprintShell);

export { SilverprintShell };
