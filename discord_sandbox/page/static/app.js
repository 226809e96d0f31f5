// The page: who one is, where one looks, and keeping what is shown up to date.

import { arrowKeys, attempt, avatar, call, el, Refused } from "./dom.js";
import { Composer } from "./composer.js";
import { openJoin, openModal } from "./dialogs.js";
import { refreshRelativeTimes } from "./markdown.js";
import { messageElement } from "./message.js";

const at = (id) => document.getElementById(id);
const GROUP_MS = 7 * 60 * 1000;
const NEAR_BOTTOM = 120;

const state = {
  people: [],
  person: null,
  channel: null,
  view: null,
  /** The newest message that each person has read in each channel: person -> Map(channel -> id). */
  read: new Map(),
  /** Where each person looked last: person -> channel. */
  places: new Map(),
  /** The elements of the messages: id -> {key, element}. */
  shown: new Map(),
  version: -1,
};

// -- getting what there is ----------------------------------------------------------------------------

let fetching = null;
let again = false;

/** Fetch and show; while one fetch runs, any number of further wishes make one more. */
function refresh() {
  if (fetching) {
    again = true;
    return fetching;
  }
  fetching = (async () => {
    try {
      do {
        again = false;
        await refreshOnce();
      } while (again);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    } finally {
      fetching = null;
    }
  })();
  return fetching;
}

async function refreshOnce() {
  const { guild, people } = await call("/api/people");
  state.people = people;
  if (!people.some((one) => one.id === state.person)) state.person = (people.find((one) => !one.owner) ?? people[0]).id;
  const { person, channel } = state;
  const view = await call(`/api/people/${person}/view?channel=${channel ?? ""}`);
  if (person !== state.person || channel !== state.channel) {
    again = true;
    return;
  }
  view.names.goTo = (id) => go(state.person, id);
  view.guild = guild;
  state.view = view;
  state.channel = view.channel;
  state.places.set(person, view.channel);
  markRead(view);
  show();
}

function markRead(view) {
  let read = state.read.get(state.person);
  if (!read) {
    read = new Map(view.channels.map((one) => [one.id, one.latest]));
    state.read.set(state.person, read);
  }
  const here = view.channels.find((one) => one.id === view.channel);
  if (here) read.set(here.id, here.latest);
}

function unread(channel) {
  const read = state.read.get(state.person);
  if (!read.has(channel.id)) return true;
  const last = read.get(channel.id);
  return channel.latest !== null && (last === null || BigInt(channel.latest) > BigInt(last));
}

/** Be somebody: where they looked last, else here, if that is a channel for all. */
function become(person) {
  const here = state.view?.channels.find((one) => one.id === state.channel);
  return go(person, state.places.get(person) ?? (here?.kind === "text" ? here.id : null));
}

/** Be somebody, somewhere. */
function go(person, channel) {
  if (person !== state.person || channel !== state.channel) {
    state.person = person;
    state.channel = channel;
    state.shown.clear();
    at("messages").replaceChildren();
    composer.reset();
    stick = true;
  }
  return refresh();
}

// -- showing it ---------------------------------------------------------------------------------------

let stick = true;

function show() {
  const { view } = state;
  const address = `#${state.person}/${state.channel ?? ""}`;
  if (location.hash !== address) history.replaceState(null, "", address);
  at("guild").textContent = view.guild;
  at("bot").textContent = view.bot.online ? "● bot online" : "○ bot offline";
  at("bot").classList.toggle("online", view.bot.online);
  keepFocus(at("people"), state.people.map(personEntry));
  keepFocus(at("channels"), channelEntries(view));
  const here = view.channels.find((one) => one.id === view.channel);
  at("place-name").textContent = here ? placeName(here) : "";
  at("place-note").textContent = here ? placeNote(here, view) : "";
  const me = state.people.find((one) => one.id === state.person);
  document.title = here ? `${me.name} in ${placeName(here)}` : me.name;
  showMessages(view);
  at("empty").hidden = view.messages.length > 0 && view.hidden === 0;
  at("empty").textContent = view.hidden ? `${view.hidden} earlier messages are not shown.` : "Nothing here yet. Type / to see what the bot can do.";
  composer.refresh(here ? placeName(here) : "");
}

/** Replace children, and give the focus back to the one with the same data-key. */
function keepFocus(list, children) {
  const key = list.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  list.replaceChildren(...children);
  if (key) list.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

function personEntry(one) {
  const me = one.id === state.person;
  const notes = [one.owner ? "owner" : null, ...one.roles, one.locale.startsWith("en") ? null : one.locale].filter(Boolean);
  return el("li", {}, el(
    "button",
    { type: "button", class: "entry person", "aria-current": me ? "true" : undefined, data: { key: one.id }, on: { click: () => become(one.id) } },
    avatar(one.name),
    el("span", { class: "name" }, one.name),
    notes.length ? el("small", { class: "quiet" }, notes.join(", ")) : null,
  ));
}

function channelEntries(view) {
  const top = view.channels.filter((one) => one.parent_id === null);
  const visible = new Set(view.channels.map((one) => one.id));
  const threads = view.channels.filter((one) => one.parent_id !== null);
  const orphans = threads.filter((one) => !visible.has(one.parent_id));
  const under = (id) => threads.filter((one) => one.parent_id === id).sort((a, b) => a.archived - b.archived);
  return [...top.flatMap((one) => [one, ...under(one.id)]), ...orphans].map(channelEntry);
}

function channelEntry(one) {
  const isNew = unread(one);
  const classes = ["entry", "channel", one.parent_id ? "thread" : "", one.archived ? "archived" : "", isNew ? "unread" : ""];
  return el("li", {}, el(
    "button",
    { type: "button", class: classes.join(" "), "aria-current": one.id === state.channel ? "true" : undefined, data: { key: one.id }, on: { click: () => go(state.person, one.id) } },
    el("span", { class: "name" }, placeName(one)),
    one.archived ? el("small", { class: "quiet" }, "closed") : null,
    isNew ? el("span", { class: "dot", role: "img", "aria-label": "new" }) : null,
  ));
}

function placeName(one) {
  const signs = { text: "#", dm: "@", announcement: "📣", forum: "🗂", thread: "🧵", private_thread: "🔒" };
  const name = one.kind === "dm" ? "Direct messages" : one.name;
  return one.kind === "text" ? `#${name}` : `${signs[one.kind]} ${name}`;
}

function placeNote(one, view) {
  const parent = view.channels.find((other) => other.id === one.parent_id);
  const notes = [];
  if (parent) notes.push(`${one.kind === "private_thread" ? "private thread" : "thread"} in #${parent.name}`);
  if (one.locked) notes.push("locked");
  if (one.archived) notes.push("closed");
  return notes.join(" · ");
}

function showMessages(view) {
  const log = at("log");
  const list = at("messages");
  const wasNear = stick || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_BOTTOM;
  const outside = JSON.stringify([view.names, view.menus, view.channels.map((one) => [one.id, one.type])]);
  const kept = new Map();
  let previous = null;
  let focus = null;
  const elements = view.messages.map((message) => {
    const follows = isFollowing(previous, message);
    previous = message;
    const key = JSON.stringify([message, follows]) + outside;
    let known = state.shown.get(message.id);
    if (known?.key !== key) {
      const element = messageElement(message, view, follows, act);
      if (known?.element.contains(document.activeElement)) focus = [element, document.activeElement.dataset.key];
      known = { key, element };
    }
    kept.set(message.id, known);
    return known.element;
  });
  state.shown = kept;
  place(list, elements);
  if (focus) refocus(...focus);
  if (wasNear) log.scrollTop = log.scrollHeight;
  stick = false;
}

/** Put the elements into the list, touching only what differs: what is in use keeps focus and selection. */
function place(list, elements) {
  elements.forEach((element, i) => {
    if (list.children[i] !== element) list.insertBefore(element, list.children[i] ?? null);
  });
  while (list.children.length > elements.length) list.lastChild.remove();
}

function refocus(element, key) {
  const same = key ? element.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`) : null;
  (same ?? element.querySelector(".components button:not(:disabled)") ?? at("log")).focus();
}

function isFollowing(previous, message) {
  return previous !== null
    && previous.author.id === message.author.id
    && previous.ephemeral === message.ephemeral
    && !message.reply_to
    && new Date(message.timestamp) - new Date(previous.timestamp) < GROUP_MS;
}

// -- doing something ----------------------------------------------------------------------------------

const basePath = () => `/api/people/${state.person}/channels/${state.channel}`;

/** Take what came of an act: open a modal; messages come by themselves. */
function answered(person, response) {
  if (response?.modal) openModal(person, response.modal, state.view.names, (next) => answered(person, next));
  refresh();
}

async function onMessage(message, what, body) {
  const { person } = state;
  const element = state.shown.get(message.id)?.element;
  if (element?.classList.contains("busy")) return;
  element?.classList.add("busy");
  const response = await attempt(`/api/people/${person}/channels/${message.channel_id}/messages/${message.id}/${what}`, body);
  element?.classList.remove("busy");
  if (response) answered(person, response);
}

const act = {
  press: (message, custom_id) => onMessage(message, "click", { custom_id }),
  choose: (message, custom_id, values) => onMessage(message, "choose", { custom_id, values }),
  menu: (message, name) => onMessage(message, "menu", { name }),
  dismiss: (message) => onMessage(message, "dismiss", {}),
};

const composer = new Composer(at("composer"), () => state.view, basePath, (response) => {
  stick = true;
  answered(state.person, response);
});

// -- life ---------------------------------------------------------------------------------------------

for (const id of ["people", "channels"]) arrowKeys(at(id), ".entry");
at("add-person").addEventListener("click", () => openJoin(become));
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input, textarea, select") || document.querySelector("dialog[open]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) at("input")?.focus();
});
window.addEventListener("hashchange", readAddress);
setInterval(refreshRelativeTimes, 15000);

function readAddress() {
  const [person, channel] = location.hash.slice(1).split("/");
  if (/^\d+$/.test(person)) go(person, /^\d+$/.test(channel) ? channel : null);
}

const changes = new EventSource("/api/changes");
changes.onopen = () => {
  at("offline").hidden = true;
  state.version = -1;
};
changes.onerror = () => { at("offline").hidden = false; };
changes.onmessage = (event) => {
  if (Number(event.data) === state.version) return;
  state.version = Number(event.data);
  refresh();
};

readAddress();
refresh();
