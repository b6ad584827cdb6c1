/* Tools: zoom, the whole country, copy the link; scale and sources; what is loading or has failed. */
"use strict";

ICM.parts.push((stage) => {
  const { map } = stage;
  L.control.scale({ position: "bottomright", imperial: false, maxWidth: 90 }).addTo(map);
  map.attributionControl?.setPrefix(false);

  const said = ICM.el("div", { class: "icm-said icm-panel", role: "status", hidden: true });
  const say = (text) => {
    said.textContent = text;
    said.hidden = false;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => (said.hidden = true), 2600);
  };

  const copy = async () => {
    const address = ICM.page.window().location.href;
    try {
      await navigator.clipboard.writeText(address);
      say("Link copied: it restores this view.");
    } catch {
      const field = ICM.el("input", { value: address, readonly: true, class: "icm-linkbox", "aria-label": "Link to this view" });
      said.replaceChildren("Copy this link: ", field);
      said.hidden = false;
      field.select();
    }
  };

  const picture = () => {
    const page = new URL(ICM.page.window().location.href);
    say("Drawing the picture: a second or two ...");
    window.open(`${stage.settings.api}/picture.png${page.search}`, "_blank", "noopener");
  };

  const tool = (label, sign, work) => ICM.el("button", { type: "button", title: label, "aria-label": label, onclick: work }, sign);
  const pencil = stage.settings.draw ? tool("Draw an area", ICM.icon("M3 5.5L9 2.5l4.5 5-3 6L4 11.5zM3 5.5L4 11.5"), () => stage.emit("draw")) : null;
  stage.on("drawing", (yes) => pencil?.setAttribute("aria-pressed", String(yes)));
  const box = ICM.el("div", { class: "icm-tools icm-panel", role: "group", "aria-label": "Map tools" },
    tool("Zoom in", ICM.icon("M8 3v10M3 8h10"), () => stage.zoom(0.8)),
    tool("Zoom out", ICM.icon("M3 8h10"), () => stage.zoom(-0.8)),
    tool("Show the whole United Kingdom", ICM.icon("M2.5 8L8 3l5.5 5M4 7v6h8V7"), () => stage.home()),
    pencil,
    tool("Copy a link to this view", ICM.icon("M6.5 9.5l3-3M7.5 4.5l1-1a2.8 2.8 0 0 1 4 4l-1 1M8.5 11.5l-1 1a2.8 2.8 0 0 1-4-4l1-1"), copy),
    stage.settings.pick ? null : tool("Picture of this view for print (PNG, A4)", ICM.icon("M8 2.5v8M4.8 7.5L8 10.7l3.2-3.2M3 13.5h10"), picture));
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
  if (!stage.panel) map.getContainer().append(box, said);
  for (const element of [box, fault, said]) L.DomEvent.disableClickPropagation(element);

  stage.on("loading", () => {
    bar.hidden = stage.pending === 0;
    fault.hidden = !stage.fault;
    words.textContent = `${stage.fault || ""} `;
  });
  if (stage.panel) return;
  const flag = ICM.el("p", { class: "icm-flag" });
  map.getContainer().append(flag);
  stage.on("scene", () => {
    flag.textContent = `${stage.settings.approximate ? "Approximate boundaries. " : ""}${stage.scene.firms || ""} Sources and licences: below the map.`;
    map.getContainer().setAttribute("aria-label", `Map. ${stage.scene.sentence || ""} Arrow keys move, plus and minus zoom, Enter ${stage.settings.pick ? "chooses the region" : "asks what is"} at the centre. The same content stands in the tables below.`);
    map.getContainer().setAttribute("role", "application");
  });
});
