/* Helpers that every part of the map uses: elements without HTML, words for numbers, fetching, the page's address. */
"use strict";

window.ICM = { painters: {} };

/** Make an element. Text goes in as text, never as HTML: names come from files of others. */
ICM.el = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    // Set as a property: pages that allow no style in their markup allow this.
    else if (name === "style") element.style.cssText = value;
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) element.append(child instanceof Node ? child : String(child));
  }
  return element;
};

/** A line drawing for a button, from the path of a 16 by 16 grid. */
ICM.icon = (path) => {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "path");
  for (const [name, value] of [["viewBox", "0 0 16 16"], ["width", "17"], ["height", "17"], ["aria-hidden", "true"]]) drawing.setAttribute(name, value);
  for (const [name, value] of [["d", path], ["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "1.5"], ["stroke-linecap", "round"], ["stroke-linejoin", "round"]]) line.setAttribute(name, value);
  drawing.append(line);
  return drawing;
};

ICM.trim = (value, digits) => Number(value.toPrecision(digits)).toLocaleString("en-GB", { maximumFractionDigits: 10 });

/** £21.3m, £1.5bn: three leading digits, as a newspaper would write it. */
ICM.pounds = (value) => {
  if (value === null || value === undefined) return "not known";
  for (const [size, unit] of [[1e9, "bn"], [1e6, "m"], [1e3, "k"]]) {
    if (Math.abs(value) >= size * 0.9995) return `£${ICM.trim(value / size, 3)}${unit}`;
  }
  return `£${ICM.trim(value, 3)}`;
};

ICM.count = (number, one, many = `${one}s`) => `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;

ICM.byTouch = () => window.matchMedia("(pointer: coarse)").matches;

ICM.debounce = (work, wait) => {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), wait);
  };
};

/** Do it once for all calls of the present script, before the browser turns to anything else, such as the page around the map. */
ICM.once = (work) => {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    queueMicrotask(() => {
      asked = false;
      work();
    });
  };
};

/** Fetch JSON; what is wrong is an error with words, and an end by the signal is one like any other. */
ICM.json = async (url, signal) => {
  const response = await fetch(url, { signal });
  if (!response.ok) {
    const body = await response.json().catch(() => ({}));
    throw new Error(body.detail || `The map's data did not come (${response.status}).`);
  }
  try {
    return await response.json();
  } catch (fault) {
    throw fault instanceof SyntaxError ? new Error("The map's data came, but not whole.") : fault;
  }
};

/**
 * Fetch JSON once per address, for all who ask. Whoever's signal says so waits no longer; once nobody waits, the
 * call is ended. A failed or ended call is forgotten at once, so that it can be tried again; so is an answer that
 * says itself that there is more to come.
 */
ICM.fetcher = () => {
  const kept = new Map();
  const most = 120;
  const forget = (url, call) => kept.get(url) === call && kept.delete(url);

  const begin = (url) => {
    const end = new AbortController();
    const call = { end: () => end.abort(), waiting: 0, answer: ICM.json(url, end.signal) };
    call.answer.then((body) => {
      call.done = true;
      if (body.pending) forget(url, call);
    }, () => forget(url, call));
    return call;
  };

  const leave = (url, call) => {
    call.waiting -= 1;
    if (call.waiting || call.done) return;
    forget(url, call);
    call.end();
  };

  return (url, signal) => {
    const call = kept.get(url) || begin(url);
    // What was asked for last is let go last.
    kept.delete(url);
    kept.set(url, call);
    if (kept.size > most) kept.delete(kept.keys().next().value);
    call.waiting += 1;
    if (!signal) return call.answer;
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        leave(url, call);
        reject(signal.reason);
      }, { once: true });
      call.answer.then(resolve, reject);
    });
  };
};

/** A document of its own: nothing of the page around it is read or written. Says its theme (see embed.js). */
ICM.alone = null;

/** The address of the page around the map: the map's frame is served by the same host. */
ICM.page = {
  window: () => {
    if (ICM.alone) return window;
    try {
      return window.parent.location.href ? window.parent : window;
    } catch {
      return window;
    }
  },
  /** Light or dark, as the page around the map is now; undefined where that cannot be seen. */
  theme: () => {
    if (ICM.alone) return ICM.alone.theme();
    const body = ICM.page.window().document.querySelector(".stApp");
    const channels = body && window.getComputedStyle(body).backgroundColor.match(/\d+/g);
    return channels ? (channels[0] * 0.299 + channels[1] * 0.587 + channels[2] * 0.114 < 128 ? "dark" : "light") : undefined;
  },
  get: (name) => new URL(ICM.page.window().location.href).searchParams.get(name),
  set: (name, value) => {
    if (ICM.alone) return;
    const page = ICM.page.window();
    const address = new URL(page.location.href);
    if (address.searchParams.get(name) === value) return;
    if (value === null) address.searchParams.delete(name);
    else address.searchParams.set(name, value);
    address.search = address.search.replaceAll("%2C", ",");
    page.history.replaceState(page.history.state, "", address);
  },
};

/** Views replace one another in the address; only pages enter the history, so Back never shows half a view. */
ICM.page.replaceViews = () => {
  const page = ICM.page.window();
  if (page === window || page.icmHistory) return;
  page.icmHistory = page.history.pushState;
  page.history.pushState = function (state, title, url) {
    const same = url && new URL(url, page.location.href).pathname === page.location.pathname;
    return same ? this.replaceState(state, title, url) : page.icmHistory.call(this, state, title, url);
  };
};

/** Tell the page's script something; it answers with a new view. A document of its own answers itself. */
ICM.tell = (message) => {
  if (ICM.alone) {
    ICM.alone.told(message);
    return;
  }
  window.Streamlit?.setComponentValue({ message: { ...message, stamp: `${Date.now()}-${Math.random()}` } });
};
