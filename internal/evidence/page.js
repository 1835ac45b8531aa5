"use strict";
(async () => {
  const status = document.getElementById("chain");
  const log = document.getElementById("log");
  const start = "0".repeat(64);

  // In the page, each byte of the log that is not plain ASCII text is a percent sign and two digits.
  const bytesOf = (line) => {
    if (!line.includes("%")) return new TextEncoder().encode(line);
    const bytes = [];
    for (let i = 0; i < line.length; i++) {
      if (line[i] === "%") {
        bytes.push(parseInt(line.slice(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.push(line.charCodeAt(i));
      }
    }
    return new Uint8Array(bytes);
  };

  const hashOf = async (bytes) => {
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(sum, (b) => b.toString(16).padStart(2, "0")).join("");
  };

  const recordOf = (bytes) => {
    try {
      const r = JSON.parse(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
      const is = (part) => typeof part === "object" && part !== null;
      const whole = typeof r.prev === "string" && r.prev.length === start.length && is(r.intent) !== is(r.outcome);
      return whole ? r : null;
    } catch {
      return null;
    }
  };

  // A crash can leave the begin of the record that follows the head, and zeros after it.
  const mayBeCut = (bytes, head) => {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).replace(/\0+$/, "");
    const begin = '{"prev":"' + head + '"';
    return bytes.length > 0 && (text.startsWith(begin) || begin.startsWith(text));
  };

  const withBreak = (bytes) => {
    const all = new Uint8Array(bytes.length + 1);
    all.set(bytes);
    all[bytes.length] = 10;
    return all;
  };

  const show = (state, title, text) => {
    status.className = state;
    const strong = document.createElement("strong");
    strong.textContent = title;
    status.replaceChildren(strong, " " + text);
    document.documentElement.classList.toggle("broken", state === "broken");
  };

  const check = async () => {
    const lines = log.textContent.split("\n");
    lines.pop(); // what follows the last line break
    const open = new Set();
    let head = start, cut = "", records = 0;
    const broken = (n, why) => ({ head, records, line: n, why });
    for (let from = 0; from < lines.length; from += 1000) {
      const part = lines.slice(from, from + 1000).map(bytesOf);
      const hashes = await Promise.all(part.map(hashOf));
      for (let i = 0; i < part.length; i++) {
        const n = from + i + 1;
        const r = recordOf(part[i]);
        if (r === null) {
          if (cut !== "" || !mayBeCut(part[i], head)) return broken(n, "It is not a record.");
          cut = await hashOf(withBreak(part[i]));
          continue;
        }
        if ((r.torn ?? "") !== cut) return broken(n, "The text before it is not what was there when it was written.");
        if (r.prev !== head) return broken(n, "It does not follow the record before it.");
        if (r.outcome && !open.delete(r.outcome.intent)) {
          return broken(n, "It is the outcome of a closure that has not begun, or that has already ended.");
        }
        head = hashes[i];
        if (r.intent) open.add(head);
        cut = "";
        records++;
      }
    }
    if (cut !== "") return broken(lines.length, "The record is not whole.");
    return { head, records, line: 0, why: "" };
  };

  if (!globalThis.crypto?.subtle) {
    status.append(" This browser cannot check it here. Save the page to a file, and open that.");
    return;
  }
  try {
    const found = await check();
    const said = document.getElementById("head").textContent;
    const line = Number(log.dataset.broken);
    if (found.line > 0 && (line === 0 || found.line <= line)) {
      show("broken", "Broken at line " + found.line + " of the log.", found.why + " Intact up to " + found.head + ".");
    } else if (line > 0) {
      show("broken", "Broken at line " + line + " of the log.", "The provider found this when it wrote the page.");
    } else if (found.head !== said) {
      show("broken", "The end is missing.", "The log in this page ends at " + found.head + ", and the page was made of one that ends at " + said + ".");
    } else {
      show("intact", "Intact up to " + found.head + ".", "This browser has checked all " + found.records + " records.");
    }
  } catch (problem) {
    show("broken", "The check has failed.", String(problem));
  }
})();
