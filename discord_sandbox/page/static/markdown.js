// Discord's markdown as elements. What people wrote only ever becomes text nodes.

import { el, link } from "./dom.js";

const FENCE = /(?<!\\)```(?:([\w+#.-]*)\n)?([\s\S]*?)\n?```/g;

/**
 * Render a text.
 * @param text What was written.
 * @param names Look-ups: users, roles and channels by id; `goTo(id)` opens a channel.
 * @param blocks Whether headings, lists, quotes and code blocks are wanted; false for one-line places.
 */
export function markdown(text, names, blocks = true) {
  const out = document.createDocumentFragment();
  if (!blocks) {
    out.append(...inline(text, names));
    return out;
  }
  let from = 0;
  for (const match of text.matchAll(FENCE)) {
    const before = text.slice(from, match.index);
    const everything = before.match(/^([\s\S]*?(?:^|\n))>>> ([\s\S]*)$/);
    if (everything) break;
    lines(before.replace(/\n$/, ""), names, out, true);
    out.append(el("pre", {}, el("code", {}, match[2])));
    from = match.index + match[0].length;
    if (text[from] === "\n") from += 1;
  }
  lines(text.slice(from), names, out);
  return out;
}

/** Render lines; `followed`: a block comes after them, so that an empty last line is seen. */
function lines(text, names, out, followed = false) {
  if (text === "") return;
  const all = text.split("\n");
  let plain = [];
  const flush = (beforeBlock = true) => {
    if (plain.length) out.append(...inline(plain.join("\n") + (beforeBlock && plain.at(-1) === "" ? "\n" : ""), names));
    plain = [];
  };
  for (let i = 0; i < all.length; i += 1) {
    const line = all[i];
    let match;
    if (line.startsWith(">>> ")) {
      flush();
      out.append(el("blockquote", {}, markdown([line.slice(4), ...all.slice(i + 1)].join("\n"), names)));
      return;
    }
    if (line.startsWith("> ")) {
      flush();
      const quoted = [];
      while (i < all.length && all[i].startsWith("> ")) quoted.push(all[i++].slice(2));
      i -= 1;
      out.append(el("blockquote", {}, markdown(quoted.join("\n"), names)));
    } else if ((match = line.match(/^(#{1,3}) +(\S.*)$/))) {
      flush();
      out.append(el("div", { class: `heading h${match[1].length}`, role: "heading", "aria-level": match[1].length + 2 }, ...inline(match[2], names)));
    } else if ((match = line.match(/^-# +(\S.*)$/))) {
      flush();
      out.append(el("div", { class: "subtext" }, ...inline(match[1], names)));
    } else if ((match = line.match(/^( *)([-*]|\d{1,4}\.) +(\S.*)$/))) {
      flush();
      const marker = /\d/.test(match[2]) ? match[2] : "•";
      const item = el("div", { class: "item" }, el("span", { class: "marker" }, marker), el("div", {}, ...inline(match[3], names)));
      item.style.setProperty("--depth", Math.min(5, Math.floor(match[1].length / 2)));
      out.append(item);
    } else {
      plain.push(line);
    }
  }
  flush(followed);
}

const RULES = [
  [/\\([^A-Za-z0-9\s])/y, (m) => m[1]],
  [/(`+)([\s\S]*?[^`])\1(?!`)/y, (m) => el("code", {}, m[2].trim() === "" ? m[2] : m[2].replace(/^ (?=`)|(?<=`) $/g, ""))],
  [/<@!?(\d{1,20})>/y, (m, names) => el("span", { class: "mention" }, `@${names.users[m[1]] ?? "unknown-user"}`)],
  [/<@&(\d{1,20})>/y, (m, names) => el("span", { class: "mention" }, `@${names.roles[m[1]] ?? "deleted-role"}`)],
  [/<#(\d{1,20})>/y, (m, names) => channelMention(m[1], names)],
  [/<\/([^:>\n]{1,100}):\d{1,20}>/y, (m) => el("span", { class: "mention" }, `/${m[1]}`)],
  [/<a?:(\w{2,32}):\d{1,20}>/y, (m) => `:${m[1]}:`],
  [/<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y, (m) => timestamp(Number(m[1]), m[2] ?? "f")],
  [/<(https?:\/\/[^\s<>]+)>/y, (m) => link(m[1], m[1])],
  [/\[((?:\\.|[^\[\]\\\n])+)\]\(<?(https?:\/\/[^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?: +"[^"\n]*")?\)/y, (m, names) => [link(m[2], ...inline(m[1], names)), el("span", { class: "target" }, ` (${m[2]})`)]],
  [/https?:\/\/[^\s<]+[^\s<.,:;"'\])]/y, (m) => link(m[0], m[0])],
  [/\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/y, (m, names) => el("strong", {}, ...inline(m[1], names))],
  [/__((?:\\[\s\S]|[^\\])+?)__(?!_)/y, (m, names) => el("u", {}, ...inline(m[1], names))],
  [/~~((?:\\[\s\S]|[^\\])+?)~~/y, (m, names) => el("s", {}, ...inline(m[1], names))],
  [/\|\|((?:\\[\s\S]|[^\\])+?)\|\|/y, (m, names) => spoiler(inline(m[1], names))],
  [/\*(?=\S)((?:\*\*|\\[\s\S]|[^*\\])+?)(?<!\s)\*(?!\*)/y, (m, names) => el("em", {}, ...inline(m[1], names))],
  [/\b_((?:__|\\[\s\S]|[^_\\])+?)_\b/y, (m, names) => el("em", {}, ...inline(m[1], names))],
];
const STARTS = /[\\`<[h*_~|]/g;

function inline(text, names) {
  const out = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    STARTS.lastIndex = at;
    const next = STARTS.exec(text);
    if (!next) break;
    plain += text.slice(at, next.index);
    at = next.index;
    let found = null;
    for (const [pattern, make] of RULES) {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (match) {
        found = [match[0].length, make(match, names)];
        break;
      }
    }
    if (found) {
      if (typeof found[1] === "string") {
        plain += found[1];
      } else {
        if (plain) out.push(plain);
        plain = "";
        out.push(...[found[1]].flat());
      }
      at += found[0];
    } else {
      plain += text[at];
      at += 1;
    }
  }
  plain += text.slice(at);
  if (plain) out.push(plain);
  return out;
}

function channelMention(id, names) {
  const name = names.channels[id];
  if (name === undefined) return el("span", { class: "mention" }, "# No access");
  return el("button", { type: "button", class: "mention", on: { click: () => names.goTo(id) } }, `# ${name}`);
}

function spoiler(children) {
  const made = el("button", { type: "button", class: "spoiler", title: "Show", on: { click: () => made.classList.toggle("open") } }, ...children);
  return made;
}

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};

function timestamp(seconds, style) {
  const when = new Date(seconds * 1000);
  if (Number.isNaN(when.getTime())) return "Invalid date";
  const full = new Intl.DateTimeFormat(undefined, STYLES.F).format(when);
  const made = el("time", { class: "timestamp", dateTime: when.toISOString(), title: full });
  if (style === "R") {
    made.dataset.relative = seconds;
    made.textContent = relative(seconds);
  } else {
    made.textContent = new Intl.DateTimeFormat(undefined, STYLES[style]).format(when);
  }
  return made;
}

const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function relative(seconds) {
  const away = seconds - Date.now() / 1000;
  const [unit, size] = UNITS.find(([, one]) => Math.abs(away) >= one) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat("en").format(Math.round(away / size), unit);
}

/** Bring all "in 5 minutes" up to date. */
export function refreshRelativeTimes() {
  for (const one of document.querySelectorAll("time[data-relative]")) one.textContent = relative(Number(one.dataset.relative));
}
