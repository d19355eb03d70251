/** The service's own page: the shell and nothing else. */
import "./silverprint.js";
