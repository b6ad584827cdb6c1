/* The stage: what is wanted (slots set by the page) becomes what is shown (painters), without rebuilding the map. */
"use strict";

ICM.PANES = [
  ["land", 210], ["regions", 220], ["areas", 230], ["region-symbols", 240], ["firms", 250],
  ["assets", 260], ["projects", 270], ["clusters", 280], ["outline", 285], ["focus", 290], ["labels", 300],
];
/** Where a layer lies that has no place among them. */
ICM.ELSEWHERE = 275;
ICM.UK = { lat: 54.6, lng: -3.4, zoom: 6, bounds: [[49.85, -8.2], [60.9, 1.9]] };

/** A place held in the page's token for one layer; adding and removing it only changes what is wanted. */
ICM.Slot = L.Layer.extend({
  initialize(config) {
    this.config = config;
  },
  onAdd(map) {
    map.icm.want(this.config);
  },
  onRemove(map) {
    map.icm.drop(this.config);
  },
});
ICM.slot = (config) => new ICM.Slot(config);

/** Pixels of the map on a page, which a view's zoom is about. */
ICM.PAGE_PIXELS = 900 * 600;

ICM.Stage = class {
  constructor(map, settings) {
    this.map = map;
    this.settings = settings;
    // Maps of one document ask for the same data: each is fetched once.
    this.fetch = ICM.shared ??= ICM.fetcher();
    /** What a map beside others is about; null for a map of its own. */
    this.panel = settings.panel || null;
    /** How a document of its own shows its map: where it begins, which layers it has, what it lets be switched. */
    this.embed = settings.embed || null;
    /** How much more a panel is zoomed in than others of the same scale (see panels.js). */
    this.lift = 0;
    this.shrink = 1;
    this.wanted = new Map();
    this.shown = new Map();
    this.scene = { theme: "light", notes: [] };
    this.style = null;
    this.pending = 0;
    this.renderers = {};
    /** Who takes the clicks while an area is drawn (see draw.js). */
    this.drawing = null;
    map.icm = this;
    if (this.panel) (window.icmPanels ??= []).push(this);
    else window.icm = this;
    this.panes = new Map([...ICM.LAYERS.map(([kind]) => [kind, ICM.ELSEWHERE]), ...ICM.PANES]);
    for (const [name, order] of this.panes) {
      map.createPane(name).style.zIndex = order;
      map.getPane(name).style.pointerEvents = "none";
    }
    this.enclose();
    this.place();
    this.painters = Object.fromEntries(Object.entries(ICM.painters).map(([kind, make]) => [kind, make(this)]));
    this.parts = ICM.parts.map((make) => make(this));
    this.settle = ICM.once(() => this.reconcile());
    map.on("moveend", () => this.moved());
    // A panel has no room for a card: where there is no pointer to hover with, a tap says what is there.
    map.on("click", (event) => this.clicked(event));
    map.on("mousemove", (event) => this.hover(event));
    map.on("mouseout", () => this.hover(null));
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === map.getContainer() && !this.panel && !this.drawing) this.ask(map.getCenter());
    });
    const touched = () => (this.untouched = false);
    map.on("dragstart dblclick", touched);
    map.getContainer().addEventListener("wheel", touched, { passive: true, capture: true });
    map.getContainer().addEventListener("keydown", (event) => /^(Arrow|[+=_-]$)/.test(event.key) && event.target === map.getContainer() && touched(), { capture: true });
    if (!this.panel) ICM.page.replaceViews();
    // The page's theme changes without a word to the map.
    setInterval(() => this.theme && ICM.page.theme() && ICM.page.theme() !== this.theme && this.settle(), 700);
    new ResizeObserver(() => this.resized()).observe(map.getContainer());
  }

  renderer(pane) {
    this.renderers[pane] ??= L.canvas({ pane, padding: 0.25 });
    return this.renderers[pane];
  }

  /** Far out a pixel is 300 metres and more: coarse shapes do, and come sooner. */
  detail() {
    return this.embed?.detail || (this.level() < 8.5 ? "coarse" : "fine");
  }

  /** Marks are made for a map of a page; on smaller ones they are smaller, and so in their legend. */
  sized(style) {
    if (!style || this.shrink === 1) return style;
    const sizes = Object.entries(style.sizes).map(([name, size]) => [name, /_px_(?!least)/.test(name) ? size * this.shrink : size]);
    return { ...style, sizes: Object.fromEntries(sizes) };
  }

  /** The zoom, the same for all maps of the same scale, wherever they are. */
  level() {
    return this.map.getZoom() - this.lift;
  }

  colour(role) {
    return this.style.colours[role];
  }

  /** Keep the map in its bounds at once: Leaflet would glide back into them, and land on top of what is shown meanwhile. */
  enclose() {
    const { map } = this;
    if (!map.options.maxBounds) return;
    map.off("moveend", map._panInsideMaxBounds);
    map.on("moveend", () => map._enforcingBounds || map.panInsideBounds(map.options.maxBounds, { animate: false }));
    // Without a glide back, a hand meets a wall instead of a jump.
    map.options.maxBoundsViscosity = 1;
  }

  /** End a glide to another zoom: it would land on top of what is shown next. */
  still() {
    this.map._onZoomTransitionEnd();
  }

  /** Stand where the address says, or show the whole country. */
  place() {
    if (this.panel) {
      const [west, south, east, north] = this.panel.bounds;
      this.map.fitBounds([[south, west], [north, east]], { animate: false });
      return;
    }
    if (this.embed) {
      this.home();
      return;
    }
    const at = (ICM.page.get("at") || "").split(",").map(Number);
    if (at.length === 3 && at.every(Number.isFinite)) this.map.setView([at[0], at[1]], at[2], { animate: false, reset: true });
    else this.home();
  }

  /** The frame takes its height after the map is made: show the whole country again until someone moves it. */
  resized() {
    if (this.panel) {
      this.emit("resized");
      return;
    }
    this.still();
    const [centre, zoom] = [this.map.getCenter(), this.map.getZoom()];
    this.resizing = true;
    this.map.invalidateSize({ animate: false, pan: false });
    this.resizing = false;
    if (this.untouched) this.begin();
    else this.map.setView(centre, zoom, { animate: false, reset: true });
    this.emit("moved");
  }

  /** Write the position to the address, unless it is the one that everybody starts with. */
  note() {
    if (!this.panel) ICM.page.set("at", this.untouched ? null : this.position());
  }

  /** Stand where everybody begins: the whole country, or what a document of its own was made to show. */
  begin() {
    this.still();
    const { at, bounds } = this.embed || {};
    if (!at) {
      this.map.fitBounds(bounds || this.scene?.frame || ICM.UK.bounds, { animate: false, maxZoom: 14, ...this.margins() });
      return;
    }
    // The ground of a map of a page, in a smaller frame: a little further out, never nearer.
    const size = this.map.getSize();
    const shift = Math.log2(Math.sqrt((size.x * size.y) / ICM.PAGE_PIXELS));
    this.map.setView([at[0], at[1]], at[2] + Math.max(-2, Math.min(0, shift)), { animate: false, reset: true });
  }

  /** What of the map has something on it from side to side: on a narrow one the search, and the line at the foot. */
  margins() {
    const ground = this.map.getContainer();
    const [search, foot] = [".icm-search", ".icm-flag"].map((name) => ground.querySelector(name));
    const across = search && search.offsetLeft + search.offsetWidth > ground.clientWidth / 2;
    const above = across ? search.offsetTop + search.firstChild.offsetHeight + 6 : 0;
    return { paddingTopLeft: [0, above], paddingBottomRight: [0, foot?.offsetHeight || 0] };
  }

  /** Show the whole country, or what the document was made to show. */
  home() {
    this.untouched = true;
    this.begin();
    this.note();
  }

  position() {
    const { lat, lng } = this.map.getCenter();
    return `${lat.toFixed(4)},${lng.toFixed(4)},${+this.map.getZoom().toFixed(2)}`;
  }

  moved() {
    if (this.resizing) return;
    this.note();
    for (const kind of this.shown.keys()) this.painters[kind].moved?.();
    this.emit("moved");
  }

  want(config) {
    this.wanted.set(config.kind, config);
    this.settle();
  }

  drop(config) {
    if (this.wanted.get(config.kind) === config) this.wanted.delete(config.kind);
    this.settle();
  }

  async reconcile() {
    const scene = this.wanted.get("scene");
    if (!scene) return;
    // The component keeps every token it was ever sent; only the last one is on the map.
    if (window.feature_group?.length > 1) window.feature_group.splice(0, window.feature_group.length - 1);
    this.note();
    const theme = ICM.page.theme() || scene.theme;
    const restyled = !this.style || theme !== this.theme;
    const framed = JSON.stringify(scene.frame) !== JSON.stringify(this.scene.frame);
    this.scene = scene;
    // What the page is about comes with the scene: the map begins there, unless the address says where.
    if (framed && this.untouched) this.begin();
    if (restyled) {
      this.theme = theme;
      this.style = this.sized(await this.load(`${this.settings.api}/style?theme=${theme}`));
      if (!this.style) return;
      this.dress();
    }
    for (const kind of [...this.shown.keys()]) {
      if (!this.wanted.has(kind)) this.hide(kind);
    }
    await Promise.all([...this.wanted.values()].filter((config) => config.kind !== "scene").map((config) => this.show(config, restyled)));
    this.emit("scene");
  }

  async show(config, restyled) {
    const before = this.shown.get(config.kind);
    const key = JSON.stringify(config);
    if (before === key && !restyled) return;
    this.shown.set(config.kind, key);
    await this.painters[config.kind].show(config);
    this.emit("painted");
  }

  hide(kind) {
    this.shown.delete(kind);
    this.painters[kind].hide();
    this.emit("painted");
  }

  /** Whether an answer is still the one wanted; late answers to old questions are let fall. */
  current(config) {
    return this.shown.get(config.kind) === JSON.stringify(config);
  }

  async load(url, signal) {
    this.pending += 1;
    this.emit("loading");
    try {
      const body = await this.fetch(url, signal);
      this.fault = null;
      return body;
    } catch (fault) {
      if (fault.name !== "AbortError") this.fault = fault.message;
      return null;
    } finally {
      this.pending -= 1;
      this.emit("loading");
    }
  }

  dress() {
    const root = document.documentElement;
    for (const [role, value] of Object.entries(this.style.colours)) {
      if (typeof value === "string") root.style.setProperty(`--${role.replaceAll("_", "-")}`, value);
    }
    root.dataset.theme = this.theme;
  }

  /** Everything under a point, topmost painter first. */
  under(latlng, layerPoint) {
    const order = [...this.panes].sort(([, a], [, b]) => b - a);
    return order.flatMap(([kind]) => (this.shown.has(kind) ? this.painters[kind].under?.(layerPoint, latlng) || [] : []));
  }

  hover(event) {
    const over = event?.originalEvent.target.closest?.(".icm-panel");
    const found = event && this.style && !over && !this.drawing ? this.under(event.latlng, event.layerPoint) : [];
    const sign = found.length && !this.panel ? "pointer" : "";
    this.map.getContainer().style.cursor = this.drawing ? "crosshair" : sign;
    this.emit("hover", { event, found });
  }

  /** A click is a corner while an area is drawn, a glance on a panel, else a question. */
  clicked(event) {
    if (this.drawing) this.drawing.click(event);
    else if (this.panel) this.hover(event);
    else this.ask(event.latlng);
  }

  /** Ask what is at a point: the card shows it here, the page shows it in words below; or choose the region there. */
  ask(latlng, zoom = this.map.getZoom()) {
    const { lat, lng } = latlng.wrap ? latlng.wrap() : latlng;
    if (this.settings.pick) {
      ICM.tell({ kind: "pick", lat: +lat.toFixed(5), lon: +lng.toFixed(5) });
      return;
    }
    const here = { lat: +lat.toFixed(5), lng: +lng.toFixed(5), zoom: +zoom.toFixed(1) };
    this.emit("ask", here);
    ICM.tell({ kind: "here", lat: here.lat, lon: here.lng, zoom: here.zoom });
  }

  zoom(step) {
    this.untouched = false;
    this.map.setZoom(this.map.getZoom() + step);
  }

  goto(latlng, zoom) {
    this.untouched = false;
    this.still();
    this.map.setView(latlng, zoom, { animate: false, reset: true });
  }

  /** Show an area whole. */
  frame(bounds) {
    this.untouched = false;
    this.still();
    this.map.fitBounds(bounds, { maxZoom: 13, padding: [25, 25], animate: false });
  }

  on(name, work) {
    this.listeners ??= {};
    (this.listeners[name] ??= []).push(work);
  }

  emit(name, data) {
    for (const work of this.listeners?.[name] || []) work(data);
  }

  /** What is drawn, for tests and for readers of the screen. */
  report() {
    const drawn = Object.fromEntries(
      [...this.shown.keys()].map((kind) => [kind, this.painters[kind].drawn?.() ?? null]),
    );
    return { drawn, pending: this.pending, fault: this.fault || null, position: this.position(), scene: this.scene };
  }
};

ICM.parts = [];
ICM.start = (map, settings) => new ICM.Stage(map, settings);
