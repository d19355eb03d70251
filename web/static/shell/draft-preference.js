/** Whether drafts are on view while a page develops, or its final version only, for those whom drafts disturb: the visitor's choice. */

const KEY = "silverprint.drafts";

export class Drafts {
  /** Whether the visitor has chosen to see no drafts. */
  get off() {
    return localStorage.getItem(KEY) === "off";
  }

  toggle() {
    if (this.off) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, "off");
  }
}
