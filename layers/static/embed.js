/* A map without the page around it: in a frame on a page of someone else's, or in one file. */
"use strict";

/** How long a word about handling the map stays, in milliseconds. */
ICM.WORD_MS = 2200;

/**
 * What people have to know to move the map, said when they try otherwise. In a frame the wheel and one finger
 * belong to the page around it, or nobody could get past the map: the wheel zooms after a click, two fingers move.
 */
ICM.handle = (stage, framed) => {
  const { map } = stage;
  const ground = map.getContainer();
  const words = ICM.el("p", { class: "icm-how icm-panel", role: "status", hidden: true });
  ground.append(words);
  const say = (text) => {
    words.textContent = text;
    words.hidden = false;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => (words.hidden = true), ICM.WORD_MS);
  };
  if (ICM.byTouch()) {
    map.dragging.disable();
    let begun = null;
    ground.addEventListener("touchstart", ({ touches }) => (begun = touches.length === 1 ? touches[0] : null), { passive: true });
    ground.addEventListener("touchmove", ({ touches, target }) => {
      if (!begun || touches.length > 1 || target.closest(".icm-panel")) return;
      if (Math.hypot(touches[0].clientX - begun.clientX, touches[0].clientY - begun.clientY) > 12) say("Two fingers move the map");
    }, { passive: true });
  }
  if (!framed) return;
  map.scrollWheelZoom.disable();
  ground.addEventListener("pointerdown", () => {
    map.scrollWheelZoom.enable();
    words.hidden = true;
  });
  ground.addEventListener("mouseleave", () => map.scrollWheelZoom.disable());
  ground.addEventListener("wheel", ({ target }) => !map.scrollWheelZoom.enabled() && !target.closest(".icm-panel") && say("Click the map, then the wheel zooms"), { passive: true });
};

/** The link to the whole map follows the reader, unless they have not moved. */
ICM.follow = (stage, link) => {
  const given = link.getAttribute("href");
  stage.on("moved", () => {
    if (stage.untouched) {
      link.setAttribute("href", given);
      return;
    }
    const address = new URL(given, window.location.href);
    address.searchParams.set("at", stage.position());
    address.search = address.search.replaceAll("%2C", ",");
    link.setAttribute("href", address.href);
  });
};

ICM.open = (given) => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const ground = document.querySelector(".icm-ground");
  ICM.alone = { theme: () => given.theme || (dark.matches ? "dark" : "light"), told: () => {} };
  if (ICM.local) ICM.shared = ICM.local(given.settings.api);
  const map = L.map(ground, {
    center: [ICM.UK.lat, ICM.UK.lng], zoom: ICM.UK.zoom, minZoom: 3, maxZoom: 18, zoomControl: false, attributionControl: false, preferCanvas: true,
    trackResize: false, zoomSnap: 0.1, zoomDelta: 0.8, wheelPxPerZoomLevel: 90, maxBounds: [[46, -30], [64, 24]],
  });
  const stage = ICM.start(map, given.settings);
  const slots = new Map(given.slots.map((config) => [config.kind, ICM.slot(config).addTo(map)]));
  // What a page's script would do is done here: a layer is shown or hidden.
  ICM.alone.told = ({ kind, id }) => {
    if (kind !== "layer" || !slots.has(id)) return;
    const slot = slots.get(id);
    if (map.hasLayer(slot)) slot.remove();
    else slot.addTo(map);
  };
  ground.setAttribute("role", "application");
  ground.setAttribute("aria-label", `Map. ${given.scene.sentence} Arrow keys move, plus and minus zoom, Enter asks what is at the centre.`);
  ICM.handle(stage, window.top !== window);
  const link = document.querySelector("a.icm-open");
  if (link) ICM.follow(stage, link);
  for (const fold of document.querySelectorAll("details[data-open-from]")) fold.open = window.innerWidth >= Number(fold.dataset.openFrom);
  return stage;
};

ICM.open(JSON.parse(document.getElementById("icm-view").textContent));
