/* for: .tabs tablist */
// Tabs as assistive technology knows them: one stop for Tab, arrows between them, each with the panel that stands in its place behind
// them (role=tabpanel). A page that shows its panels itself goes on doing so; what it prevents the kit leaves.

const LISTS = ".tabs, [role=tablist]";
const TABS = "button, [role=tab], a[href^='#'], a:not([href])";
const PANELS = "[role=tabpanel], .tab-content";

/** @param {Element} list @returns {HTMLElement[]} */
const tabsOf = list => /** @type {HTMLElement[]} */ ([...list.children].filter(child => child.matches(TABS)));

/** The panels that belong to tabs: as many as there are of the next that follow. @param {Element} list @param {number} count */
function panelsOf(list, count) {
  const all = /** @type {HTMLElement[]} */ ([...(list.parentElement?.querySelectorAll(PANELS) ?? [])]);
  return all.filter(panel => list.compareDocumentPosition(panel) & Node.DOCUMENT_POSITION_FOLLOWING).slice(0, count);
}

/** @param {HTMLElement[]} tabs @param {HTMLElement[]} panels @param {HTMLElement} chosen */
function choose(tabs, panels, chosen) {
  for (const [place, tab] of tabs.entries()) {
    tab.ariaSelected = String(tab === chosen);
    tab.tabIndex = tab === chosen ? 0 : -1;
    const panel = panels[place];
    if (panel) panel.hidden = tab !== chosen;
  }
}

/** Say what tabs are, once they and their panels stand. */
function arrange() {
  for (const list of document.querySelectorAll(LISTS)) {
    const tabs = tabsOf(list);
    const panels = panelsOf(list, tabs.length);
    const first = tabs.find(tab => tab.matches("[aria-selected=true], .active")) ?? tabs[0];
    const new_ = tabs.some(tab => tab.role !== "tab" || !tab.ariaSelected) || panels.some(panel => !panel.ariaLabel);
    if (!first || !new_ || !(panels.length || tabs.some(tab => tab.ariaSelected))) continue;
    list.role = "tablist";
    for (const [place, tab] of tabs.entries()) {
      tab.role = "tab";
      const panel = panels[place];
      if (panel) Object.assign(panel, { role: "tabpanel", ariaLabel: panel.ariaLabel ?? tab.textContent?.trim() });
    }
    choose(tabs, panels, first);
  }
}

after(document, "click", event => {
  const tab = event.target.closest?.(TABS);
  const list = tab?.parentElement?.matches(LISTS) ? tab.parentElement : null;
  const panels = list ? panelsOf(list, tabsOf(list).length) : [];
  if (event.defaultPrevented || !panels.length) return;
  event.preventDefault();
  choose(tabsOf(list), panels, tab);
});

after(self, "keydown", event => {
  const list = event.target.parentElement?.matches(LISTS) ? event.target.parentElement : null;
  if (!list || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  const tabs = tabsOf(list);
  const [at, way] = [tabs.indexOf(event.target), getComputedStyle(list).direction === "rtl" ? -1 : 1];
  /** @type {Record<string, number>} */
  const goals = { ArrowRight: at + way, ArrowLeft: at - way, Home: 0, End: -1 };
  const goal = goals[event.key];
  const tab = at < 0 || goal === undefined ? null : tabs.at(goal % tabs.length);
  if (!tab) return;
  event.preventDefault();
  tab.focus();
  if (/** @type {HTMLButtonElement} */ (tab).type === "button" || panelsOf(list, tabs.length).length) tab.click();
});

new MutationObserver(arrange).observe(document, { childList: true, subtree: true });
