/* The card: what is at a point, ranked; and why a cluster is one. */
"use strict";

/** A link to a page about one thing: the script of this page opens it at once; a new tab takes the address. */
ICM.pageLink = (text, page, id) => {
  const address = new URL(page, ICM.page.window().location.href);
  address.search = new URLSearchParams({ [page]: id });
  return ICM.el("a", { class: "icm-link", href: address, target: "_blank", onclick: (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    ICM.tell({ kind: page, id });
  } }, text);
};

ICM.parts.push((stage) => {
  if (stage.panel) return;
  const body = ICM.el("div", { class: "icm-card-body" });
  const title = ICM.el("h2", {}, "");
  const close = ICM.el("button", { type: "button", class: "icm-close", "aria-label": "Close", onclick: () => shut() }, "×");
  const box = ICM.el("section", { class: "icm-card icm-panel", hidden: true, "aria-live": "polite", tabindex: "-1" }, ICM.el("header", {}, title, close), body);
  stage.map.getContainer().append(box);
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
  let point = null;
  let pin = null;
  let asked = "";

  const forget = () => {
    box.hidden = true;
    pin?.remove();
    pin = point = stage.told = null;
    asked = "";
    stage.emit("painted");
  };
  const shut = () => {
    stage.scene.here = null;
    forget();
    invite();
    ICM.tell({ kind: "here", lat: null, lon: null });
    stage.map.getContainer().focus({ preventScroll: true });
  };
  stage.map.getContainer().addEventListener("keydown", (event) => event.key === "Escape" && !box.hidden && shut());

  const mark = ({ lat, lng }) => {
    pin?.remove();
    const base = { pane: "focus", renderer: stage.renderer("focus"), interactive: false, fill: false };
    pin = L.layerGroup([L.circleMarker([lat, lng], { ...base, radius: 7, color: stage.colour("halo"), weight: 5 }), L.circleMarker([lat, lng], { ...base, radius: 7, color: stage.colour("focus"), weight: 2.5 })]).addTo(stage.map);
  };

  const fact = ([name, value, hint]) => [ICM.el("dt", { title: hint || "" }, name), ICM.el("dd", {}, value)];

  const hasFirms = !stage.embed || stage.embed.kinds.includes("firms");
  const clusterRow = (row) => {
    const sector = stage.style.sectors[row.label] || {};
    const more = ICM.el("dl", { hidden: true }, row.facts.flatMap(fact));
    const button = ICM.el("button", { type: "button", class: "icm-row", "aria-expanded": "false", onclick: () => {
      more.hidden = !more.hidden;
      button.setAttribute("aria-expanded", String(!more.hidden));
    } }, ICM.el("span", { class: "icm-dot", style: `background:${sector.colour || ""}` }, sector.symbol || ""), ICM.el("span", {}, ICM.el("b", {}, row.name), ICM.el("small", {}, row.text)));
    const zoom = ICM.el("button", { type: "button", class: "icm-link", onclick: () => {
      stage.frame([[row.south, row.west], [row.north, row.east]]);
      if (hasFirms && !stage.shown.has("firms")) ICM.tell({ kind: "layer", id: "firms" });
    } }, hasFirms ? "Zoom to its footprint and firms" : "Zoom to its footprint");
    const whole = stage.settings.take && row.cluster_id !== stage.scene.own ? [ICM.el("br"), ICM.pageLink("Open this cluster", "cluster", row.cluster_id)] : [];
    more.append(ICM.el("dt", {}, ""), ICM.el("dd", {}, zoom, whole));
    return ICM.el("li", {}, button, more);
  };

  const plainRow = (row) => ICM.el("li", { class: "icm-plain" }, ICM.el("b", {}, row.name), ICM.el("small", {}, row.text));

  // A file knows only what it holds: of the rest nothing is said.
  const part = (name, rows, make, empty) => !rows ? [] : [ICM.el("h3", {}, name), rows.length ? ICM.el("ul", {}, rows.map(make)) : ICM.el("p", { class: "icm-note" }, empty)];

  const fill = (answer) => {
    stage.told = answer;
    title.textContent = answer.title;
    const first = answer.clusters?.length === 1;
    body.replaceChildren(
      ...part(`Clusters within ${answer.within} (${answer.clusters?.length})`, answer.clusters, clusterRow, answer.no_clusters),
      ...part(`Projects at sites within ${answer.within} (${answer.projects?.length < answer.projects_total ? `${answer.projects.length} of ${answer.projects_total}, largest first` : answer.projects_total})`, answer.projects, plainRow, "None with a known site."),
      ...part(`Public money by programme${answer.programmes?.length ? `, ${answer.programmes[0].region}` : ""}`, answer.programmes?.slice(0, 6).map((row) => ({ name: row.programme, text: ICM.pounds(row.public_gbp) })), plainRow, "No award found."),
      ...part("Regions", answer.regions, plainRow, "This point lies outside the United Kingdom's land."),
      ICM.el("p", { class: "icm-note" }, answer.note),
    );
    if (first) body.querySelector(".icm-row").click();
    box.hidden = false;
    stage.emit("painted");
  };

  const ask = async ({ lat, lng, zoom }) => {
    point = { lat, lng };
    mark(point);
    if (box.hidden) {
      title.textContent = "Looking …";
      body.replaceChildren();
    }
    const url = `${stage.scene.at}${stage.scene.at.includes("?") ? "&" : "?"}lat=${lat}&lon=${lng}&zoom=${zoom}`;
    if (url === asked && !box.hidden) return;
    asked = url;
    const answer = await stage.load(url);
    if (answer && asked === url) fill(answer);
  };

  stage.on("ask", ask);
  stage.on("scene", () => {
    const here = stage.scene.here;
    if (here) ask({ lat: here[0], lng: here[1], zoom: here[2] });
    else if (point) forget();
  });

  const hint = ICM.el("section", { class: "icm-hint icm-panel", hidden: true, "aria-label": "Where to start" });
  stage.map.getContainer().append(hint);
  L.DomEvent.disableClickPropagation(hint);
  const invite = () => {
    const starts = stage.scene.starts || [];
    hint.hidden = Boolean(point || stage.scene.here) || !starts.length;
    const buttons = starts.map((start) => ICM.el("button", { type: "button", class: "icm-start", onclick: () => {
      stage.goto([start.lat, start.lon], 10.5);
      stage.ask({ lat: start.lat, lng: start.lon });
    } }, ICM.el("span", { class: "icm-dot", style: `background:${stage.style.sectors[start.label]?.colour || ""}` }, stage.style.sectors[start.label]?.symbol || ""), start.name));
    hint.replaceChildren(ICM.el("p", {}, "Click anywhere to see the clusters, projects and money there. Or start with:"), ...buttons);
  };
  stage.on("scene", invite);
  stage.on("ask", () => (hint.hidden = true));
});

/** What is under the pointer. */
ICM.parts.push((stage) => {
  const tip = ICM.el("div", { class: "icm-tip icm-panel", hidden: true, role: "status" });
  stage.map.getContainer().append(tip);
  stage.on("ask", () => (tip.hidden = true));
  stage.on("hover", ({ event, found }) => {
    tip.hidden = !found.length;
    if (!found.length) return;
    const rows = found.slice(0, 4).map((row) => ICM.el("div", {}, row.colour ? ICM.el("span", { class: "icm-dot", style: `background:${row.colour}` }, row.symbol || "") : null, ICM.el("b", {}, row.title), " ", ICM.el("small", {}, row.text)));
    if (found.length > 4) rows.push(ICM.el("small", {}, `and ${found.length - 4} more${stage.panel || stage.settings.pick ? "" : ": click to list them"}`));
    tip.replaceChildren(...rows);
    const { x, y } = event.containerPoint;
    const size = stage.map.getSize();
    tip.style.left = `${Math.max(4, Math.min(x + 14, size.x - tip.offsetWidth - 8))}px`;
    tip.style.top = `${y + 18 + tip.offsetHeight > size.y ? Math.max(4, y - tip.offsetHeight - 12) : y + 18}px`;
  });
});
