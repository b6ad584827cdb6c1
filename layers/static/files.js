/* A file that the server makes: fetched whole, with the time it takes; saved under its name, or refused in words. */
"use strict";

/** Why the server refused, before its own words. */
ICM.REFUSED = { 413: "Too large", 422: "Not possible for this view", 429: "Too much at once", 503: "Not ready" };

/** Fetch a file whole; a refusal becomes an error in words. What has come so far is told in bytes. */
ICM.fetchFile = async (url, signal, heard = () => {}) => {
  let answer;
  try {
    answer = await fetch(url, { signal });
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Error("The server did not answer. Check that it is still running, and try again.");
  }
  if (!answer.ok) {
    const { detail } = await answer.json().catch(() => ({}));
    const wait = Number(answer.headers.get("Retry-After"));
    const again = wait > 0 ? ` Try again in ${ICM.count(wait, "second")}.` : "";
    throw new Error(`${ICM.REFUSED[answer.status] || "The file could not be made"}: ${detail || `the server answered ${answer.status}`}.${again}`.replace(/\.\.+/g, "."));
  }
  const [, name] = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") || "") || [];
  if (!name) throw new Error("The server's answer is no file. Reload the page and try again.");
  try {
    return { name, blob: await ICM.counted(answer, heard).blob() };
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Error("The server broke off in the middle of the file. Try again.");
  }
};

/** The same answer, its bytes counted as they come. */
ICM.counted = (answer, heard) => {
  const count = new TransformStream({
    transform: (part, rest) => {
      heard(part.byteLength);
      rest.enqueue(part);
    },
  });
  return new Response(answer.body.pipeThrough(count), { headers: answer.headers });
};

/** Hand a file to the browser under its name. */
ICM.save = ({ name, blob }) => {
  const href = URL.createObjectURL(blob);
  const link = ICM.el("a", { href, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
};

ICM.size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3)).toLocaleString("en-GB")} kB` : `${ICM.trim(bytes / 1e6, 2)} MB`);

/** Call with the seconds since now, and what has come, every second; returns what ends it. */
ICM.clock = (tick, come = () => 0) => {
  const began = Date.now();
  const timer = setInterval(() => tick(` ${Math.round((Date.now() - began) / 1000)} s${come() > 1e6 ? `, ${ICM.size(come())}` : ""}`), 1000);
  return () => clearInterval(timer);
};

/** Fetch a file and save it. `tell` hears how it goes, in words: "busy", then "done", "fault" or "stopped". */
ICM.takeFile = async (url, doing, signal, tell, tick) => {
  let bytes = 0;
  const end = ICM.clock(tick, () => bytes);
  tell(`${doing} …`, "busy");
  try {
    const file = await ICM.fetchFile(url, signal, (more) => (bytes += more));
    ICM.save(file);
    tell(`Saved as ${file.name} (${ICM.size(file.blob.size)}).`, "done");
  } catch (fault) {
    if (fault.name === "AbortError") tell("Stopped.", "stopped");
    else tell(fault.message, "fault");
  } finally {
    end();
  }
};
