/* Take this view away: pictures and files, a brief, a link and code to embed, from one button on the map. */
"use strict";

/** Code that shows a map on another page, to be completed (see layers/scripts.py). */
ICM.EMBED = "EMBED_CODE";

/** The files of a view, row by row: title, hint, and a button for each format (see layers/scripts.py). */
ICM.FILES = "FILES_OF_A_VIEW";

/** Sizes of a page (see snapshots/paper.py), and dots per inch of a PNG. */
ICM.PAPER = [["a4", "A4"], ["a4-landscape", "A4 landscape"], ["a3", "A3"], ["a3-landscape", "A3 landscape"], ["slide", "Slide, 16:9"]];
ICM.DPI = [["150", "150 dpi"], ["300", "300 dpi"]];

/** A position that shows the whole country on any page. */
ICM.WHOLE = "54.6,-3.4,5";

/** The view of a map as a query: what its page shows, and where the map stands. */
ICM.viewOf = (stage) => {
  const filters = stage.scene.at.split("?")[1] || "";
  const view = new URLSearchParams([filters, stage.scene.view].filter(Boolean).join("&"));
  if (stage.scene.here) view.set("here", stage.scene.here.join(","));
  if (!stage.untouched) view.set("at", stage.position());
  return view;
};

ICM.queryOf = (view) => view.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");

ICM.parts.push((stage) => {
  if (!stage.settings.take) return;
  const container = stage.map.getContainer();

  // What is going on: one line at the foot of the menu, and a sign on the button.
  const words = ICM.el("span", { role: "status" });
  const clock = ICM.el("span", { "aria-hidden": "true" });
  const stop = ICM.el("button", { type: "button", class: "icm-link", hidden: true }, "Stop");
  const field = ICM.el("textarea", { readonly: true, rows: "2", hidden: true, spellcheck: "false" });
  const foot = ICM.el("div", { class: "icm-take-foot", hidden: true }, ICM.el("p", {}, words, clock, " ", stop), field);
  const say = (text, fault = false) => {
    foot.hidden = !text;
    foot.classList.toggle("icm-take-fault", fault);
    words.textContent = text;
    clock.textContent = "";
    stop.hidden = field.hidden = true;
  };

  let running = null;
  const busy = (yes, pressed) => {
    open.setAttribute("aria-busy", String(yes));
    for (const button of menu.querySelectorAll("[data-file]")) button.setAttribute("aria-disabled", String(yes));
    if (pressed) pressed.setAttribute("aria-busy", String(yes));
  };
  const take = async (pressed, url, doing) => {
    if (running) return;
    running = new AbortController();
    busy(true, pressed);
    let said;
    const tell = (text, how) => {
      say(text, how === "fault");
      stop.hidden = how !== "busy";
      said = text;
    };
    // A link that is copied meanwhile has the line to itself.
    const tick = (time) => words.textContent === said && (clock.textContent = time);
    await ICM.takeFile(url, doing, running.signal, tell, tick);
    running = null;
    busy(false, pressed);
  };
  stop.addEventListener("click", () => running?.abort());

  const choice = (label, options, start) => ICM.el("select", { "aria-label": label }, options.map(([value, text]) => ICM.el("option", { value, selected: value === start }, text)));
  const paper = choice("Page", ICM.PAPER, "a4");
  const dpi = choice("Resolution of PNG", ICM.DPI, "150");

  const address = (path, more = {}) => {
    const view = ICM.viewOf(stage);
    for (const [name, value] of Object.entries({ ...more, download: "true" })) {
      if (!value) continue;
      view.delete(name);
      for (const one of [value].flat()) view.append(name, one);
    }
    return `${stage.settings.api}/${path}?${ICM.queryOf(view)}`;
  };
  /** Places that are outlined on the map are on its picture, which stays where the map stands. */
  const outlined = () => (stage.scene.places ? { place: stage.scene.places, at: stage.untouched ? ICM.WHOLE : stage.position() } : {});
  const onPaper = () => ({ size: paper.value, dpi: dpi.value, ...outlined() });
  const file = ({ label, spoken, path }, doing, fields) => {
    const button = ICM.el("button", { type: "button", class: "icm-take-file", "data-file": path, "aria-label": spoken, onclick: () => take(button, address(path, fields()), doing) }, label);
    return button;
  };
  const row = (title, hint, ...buttons) => ICM.el("section", {}, ICM.el("div", {}, ICM.el("h3", {}, title), hint ? ICM.el("small", {}, hint) : null), ICM.el("div", { class: "icm-take-buttons" }, buttons));

  /** The place that the card is about gets the brief, where the page has no subject of its own. */
  const subject = () => {
    if (stage.scene.about) return { words: stage.scene.about };
    const [region] = stage.told?.regions || [];
    return region ? { words: region.name, place: region.id } : { words: "the United Kingdom" };
  };
  /** What stands below the title of a row that is on the subject. */
  const abouts = [];
  /** A row of the menu; the choice of paper stands in the first that is drawn on it. */
  const offered = (group) => {
    const first = group === ICM.FILES.find(({ paper }) => paper);
    const fields = () => ({ ...(group.paper ? onPaper() : {}), ...(group.subject ? { place: subject().place } : {}) });
    const choices = first ? [ICM.el("div", { class: "icm-take-paper" }, paper, dpi)] : [];
    const made = row(group.title, first ? null : group.hint, ...choices, ...group.files.map((one) => file(one, group.doing, fields)));
    if (group.subject) abouts.push([made.querySelector("small"), group.hint]);
    return made;
  };

  const copied = async (text, done, label) => {
    let could = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      could = false;
    }
    say(could ? done : `${label}: copy it from here.`);
    field.value = text;
    field.setAttribute("aria-label", label);
    field.hidden = false;
    if (!could) field.select();
  };
  const copyLink = () => copied(ICM.page.window().location.href, "Link copied: it restores this view.", "Link to this view");
  /** The server's code, completed: this host, the view of this map, and what it shows in words. */
  const code = () => {
    const frame = new DOMParser().parseFromString(ICM.EMBED, "text/html").querySelector("iframe");
    const source = new URL(frame.getAttribute("src"), ICM.page.window().location.href);
    const view = ICM.viewOf(stage);
    // What was asked about, and the table below, are of the page.
    for (const name of ["here", "tab"]) view.delete(name);
    source.search = ICM.queryOf(view);
    frame.setAttribute("src", source.href);
    frame.setAttribute("title", stage.scene.sentence);
    return frame.outerHTML;
  };
  const copyCode = () => copied(code(), "Code copied: paste it into the HTML of a page.", "Code to embed this view");

  const shut = () => close();
  const menu = ICM.el("section", { class: "icm-takeaway icm-panel", id: "icm-takeaway", role: "dialog", "aria-label": "Take this view away", hidden: true },
    ICM.el("header", {}, ICM.el("h2", {}, "Take this view away"), ICM.el("button", { type: "button", class: "icm-close", "aria-label": "Close", onclick: shut }, "×")),
    ICM.el("div", { class: "icm-take-body" },
      ICM.FILES.map(offered),
      row("Link", "restores this view", ICM.el("button", { type: "button", "aria-label": "Copy the link to this view", onclick: copyLink }, "Copy")),
      row("Embed", "this map in a page of yours", ICM.el("button", { type: "button", "aria-label": "Copy the code to embed this view", onclick: copyCode }, "Copy code"))),
    foot);

  const open = ICM.el("button", { type: "button", title: "Take this view away: picture, data, brief, link", "aria-label": "Take this view away", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-controls": "icm-takeaway", onclick: () => (menu.hidden ? show() : close()) },
    ICM.icon("M8 2.5v8M4.8 7.5L8 10.7l3.2-3.2M3 13.5h10"), ICM.el("span", {}, "Take away"));
  const box = ICM.el("div", { class: "icm-take icm-panel" }, open);
  container.append(box, menu);
  container.classList.add("icm-taking");
  for (const element of [box, menu]) {
    L.DomEvent.disableClickPropagation(element);
    L.DomEvent.disableScrollPropagation(element);
  }

  const controls = () => [...menu.querySelectorAll("button, select, textarea")].filter((element) => element.getClientRects().length);
  const show = () => {
    for (const [element, hint] of abouts) element.textContent = `${hint} on ${subject().words}`;
    if (!running) say("");
    menu.hidden = false;
    open.setAttribute("aria-expanded", "true");
    stage.emit("taking");
    paper.focus();
  };
  const close = (back = true) => {
    if (menu.hidden) return;
    menu.hidden = true;
    open.setAttribute("aria-expanded", "false");
    if (back) open.focus();
  };
  menu.addEventListener("keydown", (event) => {
    // The map under it moves by keys and closes its card by Escape.
    event.stopPropagation();
    if (event.key === "Escape") close();
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step || event.target.tagName !== "BUTTON") return;
    const all = controls();
    all[(all.indexOf(event.target) + step + all.length) % all.length].focus();
    event.preventDefault();
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !menu.contains(relatedTarget) && relatedTarget !== open && close(false));
  document.addEventListener("pointerdown", ({ target }) => !menu.contains(target) && !box.contains(target) && close(false));
  stage.on("ask", () => close(false));
});
