/* Tools: zoom, the whole country, drawing; scale and sources; what is loading or has failed. */
"use strict";

ICM.parts.push((stage) => {
  const { map } = stage;
  L.control.scale({ position: "bottomright", imperial: false, maxWidth: 90 }).addTo(map);
  map.attributionControl?.setPrefix(false);

  const tool = (label, sign, work) => ICM.el("button", { type: "button", title: label, "aria-label": label, onclick: work }, sign);
  const pencil = stage.settings.draw ? tool("Draw an area", ICM.icon("M3 5.5L9 2.5l4.5 5-3 6L4 11.5zM3 5.5L4 11.5"), () => stage.emit("draw")) : null;
  stage.on("drawing", (yes) => pencil?.setAttribute("aria-pressed", String(yes)));
  const home = tool(stage.embed ? "Back to where the map began" : "Show the whole United Kingdom", ICM.icon("M2.5 8L8 3l5.5 5M4 7v6h8V7"), () => stage.home());
  stage.on("scene", () => {
    if (!stage.scene.frame) return;
    home.title = "Back to what the page is about";
    home.setAttribute("aria-label", home.title);
  });
  const box = ICM.el("div", { class: "icm-tools icm-panel", role: "group", "aria-label": "Map tools" },
    tool("Zoom in", ICM.icon("M8 3v10M3 8h10"), () => stage.zoom(0.8)),
    tool("Zoom out", ICM.icon("M3 8h10"), () => stage.zoom(-0.8)),
    home,
    pencil);
  // A map to choose on has nothing to switch.
  map.getContainer().classList.toggle("icm-picking", Boolean(stage.settings.pick));
  const bar = ICM.el("div", { class: "icm-bar", hidden: true });
  const fault = ICM.el("div", { class: "icm-fault icm-panel", role: "alert", hidden: true });
  const words = ICM.el("span", {});
  fault.append(words, ICM.el("button", { type: "button", onclick: () => {
    stage.shown.clear();
    stage.style = null;
    stage.reconcile();
  } }, "Try again"));
  map.getContainer().append(bar, fault);
  if (!stage.panel) map.getContainer().append(box);
  for (const element of [box, fault]) L.DomEvent.disableClickPropagation(element);

  stage.on("loading", () => {
    bar.hidden = stage.pending === 0;
    fault.hidden = !stage.fault;
    words.textContent = `${stage.fault || ""} `;
  });
  // A document of its own says the rest beside its map.
  if (stage.panel || stage.embed) return;
  // As high from the start as with its words: the map is fitted above it.
  const flag = ICM.el("p", { class: "icm-flag" }, "\u00a0");
  map.getContainer().append(flag);
  stage.on("scene", () => {
    flag.textContent = `${stage.settings.approximate ? "Approximate boundaries. " : ""}${stage.scene.firms || ""} Sources and licences: below the map.`;
    map.getContainer().setAttribute("aria-label", `Map. ${stage.scene.sentence || ""} Arrow keys move, plus and minus zoom, Enter ${stage.settings.pick ? "chooses the region" : "asks what is"} at the centre. The same content stands in the tables below.`);
    map.getContainer().setAttribute("role", "application");
  });
});
