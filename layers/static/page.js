/* Files of a page: what its buttons make is told in a line at the foot, and refused there in words. */
"use strict";

/** What is done for a file, by the end of its address (see layers/scripts.py). */
ICM.DOING = "DOING_OF_FILES";

/** Milliseconds that a line stays which needs no answer, and after which work is worth a line. */
ICM.STAYS = 12_000;
ICM.SOON = 400;

/** Make the list of lines; the words of each are heard, its seconds are not. */
ICM.files = () => {
  const list = ICM.el("div", { class: "icm-files", role: "status", "aria-live": "polite", "aria-atomic": "false" });
  document.body.append(list);

  /** A line about a file, in the place of what was said of it before; `stop` ends the work. */
  const line = (file, stop) => {
    const words = ICM.el("span");
    const clock = ICM.el("span", { "aria-hidden": "true" });
    const button = ICM.el("button", { type: "button", hidden: !stop }, "Stop");
    const row = ICM.el("div", { class: "icm-file", "data-file": file }, ICM.el("p", {}, words, clock), button);
    let how = "busy";
    const close = () => row.remove();
    button.addEventListener("click", () => (how === "busy" ? stop() : close()));
    const tell = (text, now) => {
      how = now;
      if (!row.isConnected) {
        list.dataset.theme = ICM.page.theme() || "light";
        list.style.fontFamily = window.getComputedStyle(document.querySelector(".stApp")).fontFamily;
        for (const other of [...list.children]) if (other.dataset.file === file && other.dataset.how !== "busy") other.remove();
        list.append(row);
      }
      row.dataset.how = how;
      words.textContent = text;
      clock.textContent = "";
      if (how === "busy") return;
      button.hidden = false;
      button.textContent = "×";
      button.setAttribute("aria-label", "Close");
      if (how !== "fault") setTimeout(close, ICM.STAYS);
    };
    return { tell, tick: (time) => (clock.textContent = how === "busy" ? time : "") };
  };

  /** The words of a button, without the name of its icon. */
  const label = (button) => [...button.querySelectorAll("p")].map((part) => part.textContent).join(" ").trim();

  const fetched = async (link, address) => {
    const name = address.pathname.split("/").at(-1);
    const doing = ICM.DOING[name] || `Making the ${label(link)} file of the table`;
    const running = new AbortController();
    const { tell, tick } = line(name, () => running.abort());
    link.setAttribute("aria-busy", "true");
    try {
      await ICM.takeFile(address.href, doing, running.signal, tell, tick);
    } finally {
      link.removeAttribute("aria-busy");
    }
  };

  /** What only the session knows is made by Streamlit: its button is off meanwhile, which nobody hears. */
  const watched = (button) => {
    const box = button.closest('[data-testid="stDownloadButton"]');
    const file = label(button);
    const { tell, tick } = line(file);
    const end = ICM.clock(tick);
    const began = Date.now();
    let told = false;
    const timer = setInterval(() => {
      const late = Date.now() - began > ICM.SOON;
      if (button.disabled && button.isConnected) {
        if (late && !told) tell(`Making ${file} …`, "busy");
        told ||= late;
        return;
      }
      clearInterval(timer);
      end();
      const fault = box.querySelector('[data-testid="stDownloadButtonError"]');
      if (fault) tell(`${file} could not be made. Try again; if that does not help, reload the page.`, "fault");
      else if (told) tell(`${file} is saved.`, "done");
    }, 100);
  };

  document.addEventListener("click", (event) => {
    const made = event.target.closest?.('[data-testid="stDownloadButton"] button');
    if (made && !made.disabled) watched(made);
    const link = event.target.closest?.('a[href*="download=true"]');
    // Whoever asks for another tab gets one.
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const address = new URL(link.href);
    if (address.origin !== window.location.origin || !address.pathname.startsWith("/api/")) return;
    event.preventDefault();
    if (link.getAttribute("aria-busy") !== "true") fetched(link, address);
  }, true);
};

// The page may bring this script again when another of its pages is opened.
if (!window.icmFiles) {
  window.icmFiles = true;
  ICM.files();
}
