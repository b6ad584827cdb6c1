/* Search: one box for places, regions, clusters, projects, firms, assets and postcodes. */
"use strict";

/* What is found is asked about as if clicked at this zoom: half a kilometre around it counts as there. */
ICM.NEARBY = 11.4;
/* Milliseconds until what the server could not tell yet is asked again. */
ICM.ASK_AGAIN = 1000;

ICM.parts.push((stage) => {
  if (stage.panel) return;
  const list = ICM.el("ul", { id: "icm-results", role: "listbox", "aria-label": "Results", hidden: true });
  const input = ICM.el("input", {
    type: "search", placeholder: "Find a place, postcode, cluster or firm", "aria-label": "Find a place, postcode, cluster, project, firm or research asset",
    role: "combobox", "aria-expanded": "false", "aria-controls": "icm-results", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", maxlength: "100",
  });
  const box = ICM.el("div", { class: "icm-search icm-panel" }, input, list);
  stage.map.getContainer().append(box);
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
  let hits = [];
  let active = -1;
  let calling = null;
  let shown = "";

  const open = (yes) => {
    list.hidden = !yes;
    input.setAttribute("aria-expanded", String(yes));
    if (!yes) input.removeAttribute("aria-activedescendant");
  };
  const choose = (hit) => {
    calling?.abort();
    open(false);
    input.value = hit.name;
    if (hit.bounds) stage.frame([[hit.bounds[1], hit.bounds[0]], [hit.bounds[3], hit.bounds[2]]]);
    else stage.goto([hit.lat, hit.lon], Math.max(stage.map.getZoom(), hit.zoom));
    stage.ask({ lat: hit.lat, lng: hit.lon }, ICM.NEARBY);
  };
  const point = (index) => {
    active = index;
    [...list.children].forEach((row, position) => row.setAttribute("aria-selected", String(position === index)));
    if (index >= 0) {
      input.setAttribute("aria-activedescendant", `icm-hit-${index}`);
      list.children[index].scrollIntoView({ block: "nearest" });
    }
  };
  /** What a hit is: its kind, and more where that says more than the kind does. */
  const told = (hit) => {
    const detail = String(hit.detail || "");
    const kind = hit.kind === "town" || detail.startsWith(hit.kind_label) ? "" : hit.kind_label;
    return [kind, detail].filter(Boolean).join(" · ");
  };
  const fill = (answer) => {
    hits = answer.hits;
    const rows = hits.map((hit, index) => ICM.el("li", { id: `icm-hit-${index}`, role: "option", "aria-selected": "false", onmousedown: (event) => {
      event.preventDefault();
      choose(hit);
    } }, ICM.el("b", {}, hit.name), ICM.el("small", {}, told(hit))));
    const note = answer.note ? [ICM.el("li", { class: "icm-none" }, answer.note)] : [];
    list.replaceChildren(...rows, ...note);
    open(true);
    point(hits.length ? 0 : -1);
  };
  /** Ask, and again by itself for as long as the server says that more is to come. */
  const ask = async (text, signal) => {
    const answer = await stage.load(`${stage.settings.api}/search?q=${encodeURIComponent(text)}`, signal);
    if (!answer || signal.aborted || text !== input.value.trim() || document.activeElement !== input) return;
    // The same once more would only take away what was pointed at.
    if (JSON.stringify(answer) !== shown || list.hidden) fill(answer);
    shown = JSON.stringify(answer);
    if (answer.pending) setTimeout(() => signal.aborted || ask(text, signal), ICM.ASK_AGAIN);
  };
  const look = ICM.debounce(() => {
    const text = input.value.trim();
    calling?.abort();
    if (text.length < 2) return open(false);
    calling = new AbortController();
    ask(text, calling.signal);
  }, 120);

  input.addEventListener("input", look);
  // What was asked for before the search was left may have been answered in part.
  input.addEventListener("focus", () => input.value && look());
  input.addEventListener("blur", () => {
    calling?.abort();
    open(false);
  });
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (hits.length) point((active + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % hits.length);
    } else if (event.key === "Enter" && hits[active] && !list.hidden) choose(hits[active]);
    else if (event.key === "Escape") {
      calling?.abort();
      open(false);
    }
  });
});
