/* Maps side by side: each keeps its own place in its middle, and all take part in every move. */
"use strict";

/** Zooms between which maps of one scale may begin, and may be moved. */
ICM.BEGIN = { least: 3.5, most: 12 };
ICM.REACH = { least: 3, most: 17 };
/** The latitude at which a panel's zoom is what it says; elsewhere it is lifted to the same metres a pixel. */
ICM.MIDDLE = 54.6;
/** Pixels across a panel in which marks are as large as on the map of a page, and how small they may be. */
ICM.LARGE = 520;
ICM.SMALLEST = 0.55;
/** Pixels between a place and the edge of its panel. */
ICM.MARGIN = 14;

/**
 * What all maps share is a level and a shift: each stands at its own offset plus the level, so many pixels from its
 * place's middle. Whichever map moves is read into these two, and the others are set from them; nothing adds up.
 */
ICM.Link = class {
  constructor(stages) {
    this.stages = stages;
    this.same = true;
    this.level = 0;
    this.shift = L.point(0, 0);
    this.applying = false;
    this.following = new Set();
    this.pinched = new Set();
    this.offsets = new Map();
    this.homes = new Map();
    for (const stage of stages) this.join(stage);
    for (const stage of stages) stage.shrink = this.shrink();
    this.reset();
  }

  join(stage) {
    const { map } = stage;
    const [west, south, east, north] = stage.panel.bounds;
    const corners = [map.project([south, west], 0), map.project([north, east], 0)];
    const home = map.unproject(corners[0].add(corners[1]).divideBy(2), 0);
    this.homes.set(stage, home);
    stage.lift = Math.log2(Math.cos((home.lat * Math.PI) / 180) / Math.cos((ICM.MIDDLE * Math.PI) / 180));
    map.on("zoomanim", (event) => this.heard(stage) && this.zooming(stage, event));
    map.on("move", () => this.heard(stage) && !map._animatingZoom && this.moving(stage));
    map.on("moveend", () => this.ended(stage));
    // Whoever takes hold of a map that is still following leads from then on.
    for (const kind of ["pointerdown", "wheel", "keydown", "touchstart"]) {
      map.getContainer().addEventListener(kind, () => this.following.delete(stage), { capture: true, passive: true });
    }
    stage.on("resized", () => this.resized(stage));
    // On a touch screen one finger moves the page, or nobody could get past the maps; two move and zoom them.
    if (ICM.byTouch()) map.dragging.disable();
  }

  /** How much smaller than on a page marks are: the same in all panels, or they could not be compared. */
  shrink() {
    const across = Math.min(...this.stages.map(({ map }) => Math.sqrt(map.getSize().x * map.getSize().y)));
    return Math.max(ICM.SMALLEST, Math.min(1, +(across / ICM.LARGE).toFixed(1)));
  }

  heard(stage) {
    return !this.applying && !this.following.has(stage);
  }

  others(stage) {
    return this.stages.filter((other) => other !== stage);
  }

  /** The zoom at which a place just fits into its panel. */
  filling(stage) {
    const [west, south, east, north] = stage.panel.bounds;
    const box = stage.map.project([north, east], 0).subtract(stage.map.project([south, west], 0));
    const room = stage.map.getSize().subtract([2 * ICM.MARGIN, 2 * ICM.MARGIN]);
    const wide = Math.max(room.x, 40) / Math.max(Math.abs(box.x), 1e-6);
    const high = Math.max(room.y, 40) / Math.max(Math.abs(box.y), 1e-6);
    return Math.log2(Math.min(wide, high));
  }

  /** Every place in the middle of its panel: all at the scale of the largest, or each as large as fits. */
  reset() {
    // A glide that lands later would be taken for a move of everyone's.
    this.following.clear();
    this.quietly(() => this.stages.forEach((stage) => stage.still()));
    const fits = this.stages.map((stage) => this.filling(stage) - stage.lift);
    const { least, most } = ICM.BEGIN;
    const begin = (fit) => Math.min(most, Math.max(least, fit));
    this.level = this.same ? begin(Math.min(...fits)) : 0;
    this.shift = L.point(0, 0);
    this.untouched = true;
    this.stages.forEach((stage, index) => this.offsets.set(stage, this.same ? stage.lift : begin(fits[index]) + stage.lift));
    this.bound();
    this.apply(this.stages);
    this.say?.();
  }

  /** No map may go where another cannot follow. */
  bound() {
    const reach = (limit, pick) => pick(...this.stages.map((stage) => limit + stage.lift - this.offsets.get(stage)));
    const low = Math.min(this.level, reach(ICM.REACH.least, Math.max));
    const high = Math.max(this.level, reach(ICM.REACH.most, Math.min));
    for (const stage of this.stages) Object.assign(stage.map.options, { minZoom: low + this.offsets.get(stage), maxZoom: high + this.offsets.get(stage) });
  }

  /** Same scale, or each place as large as fits. */
  scale(same) {
    this.same = same;
    this.reset();
  }

  step(by) {
    const [first] = this.stages;
    this.following.clear();
    first.map.setZoom(first.map.getZoom() + by);
  }

  /** Take a map's position as everyone's. */
  read(stage, centre, zoom) {
    this.level = zoom - this.offsets.get(stage);
    this.shift = stage.map.project(centre, zoom).subtract(stage.map.project(this.homes.get(stage), zoom));
    this.untouched = false;
  }

  stand(stage) {
    const zoom = this.level + this.offsets.get(stage);
    return { centre: stage.map.unproject(stage.map.project(this.homes.get(stage), zoom).add(this.shift), zoom), zoom };
  }

  /** Move maps at once, unheard. */
  apply(stages) {
    this.quietly(() => {
      for (const stage of stages) {
        const { centre, zoom } = this.stand(stage);
        stage.map.setView(centre, zoom, { animate: false, reset: true });
      }
    });
  }

  quietly(work) {
    const before = this.applying;
    this.applying = true;
    try {
      work();
    } finally {
      this.applying = before;
    }
  }

  /** A map begins to glide to another zoom: the others glide beside it. */
  zooming(stage, { center, zoom }) {
    this.read(stage, center, zoom);
    for (const other of this.others(stage)) {
      if (this.pinched.has(other)) continue;
      const stand = this.stand(other);
      this.following.add(other);
      other.map.setView(stand.centre, stand.zoom, { animate: true });
    }
  }

  /** A map is being dragged, pushed by keys, pinched or set: the others do the same in the same frame. */
  moving(stage) {
    const zoom = stage.map.getZoom();
    const still = Math.abs(zoom - this.offsets.get(stage) - this.level) < 1e-9;
    this.read(stage, stage.map.getCenter(), zoom);
    const pinching = Boolean(stage.map.touchZoom?._zooming);
    this.quietly(() => {
      for (const other of this.others(stage)) {
        if (still && !this.pinched.has(other)) this.push(other);
        else if (pinching) this.pinch(other);
        else this.apply([other]);
      }
    });
  }

  /** Push what is drawn, as dragging does; it is drawn anew when the move ends. */
  push(stage) {
    const { map } = stage;
    const { centre, zoom } = this.stand(stage);
    const offset = map.project(centre, zoom).subtract(map.project(map.getCenter(), zoom)).round();
    if (!offset.x && !offset.y) return;
    map._stop();
    map._rawPanBy(offset);
    map.fire("move");
  }

  pinch(stage) {
    const { centre, zoom } = this.stand(stage);
    if (!this.pinched.has(stage)) stage.map._moveStart(true, false);
    this.pinched.add(stage);
    stage.map._move(centre, zoom, { pinch: true, round: false });
  }

  ended(stage) {
    if (this.applying) return;
    if (this.following.delete(stage)) {
      if (this.strayed(stage)) this.apply([stage]);
      return;
    }
    for (const other of this.others(stage).filter((each) => !this.following.has(each))) {
      if (this.pinched.delete(other) || this.strayed(other)) this.apply([other]);
      else this.quietly(() => other.map.fire("moveend"));
    }
  }

  /** Whether a map stands elsewhere than it should, by more than a rounded pixel. */
  strayed(stage) {
    const { map } = stage;
    const { centre, zoom } = this.stand(stage);
    return Math.abs(map.getZoom() - zoom) > 1e-6 || map.project(centre, zoom).distanceTo(map.project(map.getCenter(), zoom)) > 1.5;
  }

  /** A panel has another size: its place stays in the middle, or where it was moved to. */
  resized(stage) {
    const before = stage.map.getSize();
    this.quietly(() => stage.map.invalidateSize({ animate: false, pan: false }));
    if (before.equals(stage.map.getSize())) return;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.settle(), 60);
  }

  settle() {
    if (this.untouched) this.reset();
    else this.apply(this.stages);
    const shrink = this.shrink();
    for (const stage of this.stages.filter((each) => each.shrink !== shrink)) {
      Object.assign(stage, { shrink, style: null });
      stage.settle();
    }
  }

  /** The places that are hardly to be seen beside the largest: under a twentieth of their panel. */
  dots() {
    return this.same ? this.stages.filter((stage) => this.level - (this.filling(stage) - stage.lift) < Math.log2(0.06)) : [];
  }

  /** Where each map stands, for tests. */
  report() {
    return this.stages.map((stage) => {
      const { map } = stage;
      const middle = map.latLngToContainerPoint(this.homes.get(stage));
      const offset = map.getSize().divideBy(2).subtract(middle);
      const metres = (40075016.7 * Math.cos((this.homes.get(stage).lat * Math.PI) / 180)) / 2 ** (map.getZoom() + 8);
      return { ref: stage.panel.ref, zoom: map.getZoom(), offset: [offset.x, offset.y], metres, ...stage.report() };
    });
  }
};

/** Headings, the bar above the maps, and one legend and one line of sources for all of them. */
ICM.link = (settings) => {
  const stages = window.icmPanels;
  const main = document.querySelector(".icm-panels");
  for (const stage of stages) {
    const { name, level } = stage.panel;
    const cell = stage.map.getContainer().closest(".icm-cell");
    cell.querySelector("h2").textContent = name;
    cell.querySelector("p").textContent = level;
    cell.querySelector("header").title = `${name}. ${level}`;
    stage.map.getContainer().setAttribute("role", "application");
    stage.map.getContainer().setAttribute("aria-label", `Map of ${name}, ${level}. Arrow keys move all maps, plus and minus zoom them.`);
  }
  const link = new ICM.Link(stages);
  window.icmLink = link;

  const tool = (label, sign, work) => ICM.el("button", { type: "button", title: label, "aria-label": label, onclick: work }, sign);
  const same = ICM.el("input", { type: "checkbox", checked: true, onchange: () => link.scale(same.checked) });
  const words = ICM.el("p", { class: "icm-words", role: "status" });
  link.say = () => {
    const dots = link.dots().map((stage) => stage.panel.name);
    const move = ICM.byTouch() ? "Two fingers on one map move all." : "Move one map and all move.";
    const small = dots.length ? `${dots.length > 2 ? `${dots.length} places` : dots.join(" and ")} ${dots.length > 1 ? "are" : "is"} small at this scale: untick “Same scale” to see each place large.` : move;
    words.textContent = link.same ? `Sizes can be compared. ${small}` : `Each place fills its panel: sizes cannot be compared. ${move}`;
  };
  const bar = ICM.el("div", { class: "icm-rail", role: "group", "aria-label": "All maps" },
    ICM.el("label", { title: "All maps show the same distance in a centimetre" }, same, ICM.el("span", {}, "Same scale")),
    ICM.el("button", { type: "button", class: "icm-back", onclick: () => link.reset() }, "Back to the places"),
    ICM.el("span", { class: "icm-steps" },
      tool("Zoom all maps out", ICM.icon("M3 8h10"), () => link.step(-0.8)),
      tool("Zoom all maps in", ICM.icon("M8 3v10M3 8h10"), () => link.step(0.8))),
    words);
  if (stages.length > 1) main.before(bar);
  const legend = ICM.legend(stages[0]);
  legend.classList.remove("icm-panel");
  const approximate = stages[0].settings.approximate && !settings.credit.startsWith("Approximate") ? "Approximate boundaries. " : "";
  main.after(ICM.el("footer", { class: "icm-foot" }, legend, ICM.el("p", { class: "icm-credit" }, `${approximate}${settings.firms} ${settings.credit}`)));
  link.say();

  // The page's theme changes without a word to the maps; a frame of another theme than its page is not transparent.
  const follow = () => {
    const page = ICM.page.window() === window ? null : ICM.page.window().document.querySelector(".stApp");
    if (page) document.documentElement.style.background = window.getComputedStyle(page).backgroundColor;
    const theme = ICM.page.theme();
    if (theme) for (const stage of stages) if (stage.theme && stage.theme !== theme) stage.settle();
  };
  follow();
  setInterval(follow, 700);

  // The frame around this document, where there is one on this host, takes the height of what is in it.
  const around = (() => {
    try {
      return window.frameElement;
    } catch {
      return null;
    }
  })();
  if (!around) return;
  document.documentElement.classList.add("icm-framed");
  // Streamlit gives the frame's box the height that it was told.
  const box = around.closest("[data-testid='stElementContainer']");
  if (box) box.style.height = "auto";
  new ResizeObserver(() => (around.style.height = `${Math.ceil(document.body.getBoundingClientRect().height)}px`)).observe(document.body);
};
