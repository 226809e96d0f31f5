// One message: header, text, embeds, files, reactions, buttons and menus.

import { arrowKeys, avatar, el, link } from "./dom.js";
import { component } from "./components.js";
import { markdown } from "./markdown.js";

const PINNED = 6;
const THREAD_CREATED = 18;
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/**
 * Make a message.
 * @param message As the API gives it.
 * @param view The whole view, with `names`, `channels`, `menus` and all `messages`.
 * @param follows Whether the message above is the same author's, so that the header can be left out.
 * @param act What can be done: press(message, custom_id), choose(message, custom_id, values), menu(message, name), dismiss(message).
 */
export function messageElement(message, view, follows, act) {
  const made = el("li", { class: "message", data: { id: message.id } });
  if (message.type === THREAD_CREATED || message.type === PINNED) {
    const what = message.type === PINNED ? "pinned a message." : "started a thread: ";
    made.classList.add("system");
    made.append(el("span", { class: "quiet" }, `${message.author.name} ${what}`, markdown(message.content, view.names, false)));
    return made;
  }
  made.classList.toggle("ephemeral", message.ephemeral);
  made.classList.toggle("follows", follows);
  const body = el("div", { class: "body" });
  const when = new Date(message.timestamp);
  if (!follows) {
    made.append(avatar(message.author.name));
    body.append(
      el("div", { class: "head" },
        el("strong", {}, message.author.name),
        message.author.bot ? el("span", { class: "badge" }, "APP") : null,
        el("time", { class: "quiet", title: FULL.format(when), dateTime: message.timestamp }, TIME.format(when))),
    );
  }
  body.prepend(...replyLine(message, view));
  if (message.loading) {
    body.append(el("p", { class: "thinking" }, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), `${message.author.name} is thinking…`));
  } else if (message.content) {
    body.append(el("div", { class: "text" }, markdown(message.content, view.names), message.edited && !message.ephemeral ? el("small", { class: "quiet" }, " (edited)") : null));
  }
  for (const one of message.forwarded) {
    body.append(el("p", { class: "quiet" }, "↪ Forwarded"), el("blockquote", {}, markdown(one.content, view.names), one.embeds.map((inner) => embed(inner, view.names))));
  }
  body.append(...message.embeds.map((one) => embed(one, view.names)));
  for (const file of message.attachments) {
    body.append(el("p", { class: "file" }, "📎 ", link(file.url, file.filename), el("small", { class: "quiet" }, ` ${file.size} bytes`)));
  }
  body.append(...message.components.map((one) => component(one, message, view, act)));
  const reactions = Object.entries(message.reactions).filter(([, count]) => count > 0);
  if (reactions.length) body.append(el("div", { class: "reactions" }, reactions.map(([emoji, count]) => el("span", {}, `${emoji.replace(/:\d+$/, "")} ${count}`))));
  if (message.ephemeral && !message.loading) {
    body.append(el("p", { class: "only-you quiet" }, "👁 Only you can see this · ", el("button", { type: "button", class: "plain", on: { click: () => act.dismiss(message) } }, "Dismiss message")));
  }
  made.append(body);
  if (view.menus.length && !message.ephemeral && !message.loading) made.append(menu(message, view.menus, act));
  return made;
}

function replyLine(message, view) {
  if (!message.reply_to) return [];
  const target = view.messages.find((one) => one.id === message.reply_to);
  const shown = target ? [`${target.author.name}: `, markdown(target.content.split("\n", 1)[0] || "…", view.names, false)] : ["a message that is not here"];
  return [el("p", { class: "reply quiet" }, "↪ ", shown)];
}

function embed(one, names) {
  const made = el("article", { class: "embed" });
  if (one.color) made.style.setProperty("--bar", `#${one.color.toString(16).padStart(6, "0")}`);
  if (one.author?.name) made.append(el("div", { class: "embed-author" }, one.author.url ? link(one.author.url, one.author.name) : one.author.name));
  if (one.title) made.append(el("div", { class: "embed-title" }, one.url ? link(one.url, one.title) : markdown(one.title, names, false)));
  if (one.description) made.append(el("div", { class: "text" }, markdown(one.description, names)));
  if (one.fields?.length) {
    made.append(el("div", { class: "fields" }, one.fields.map((field) => el("div", { class: field.inline ? "inline" : "" }, el("strong", {}, markdown(field.name, names, false)), el("div", { class: "text" }, markdown(field.value, names))))));
  }
  for (const picture of [one.image, one.thumbnail]) if (picture?.url) made.append(el("p", { class: "file" }, "🖼 ", link(picture.url, "picture")));
  const footer = [one.footer?.text, one.timestamp ? FULL.format(new Date(one.timestamp)) : null].filter(Boolean);
  if (footer.length) made.append(el("div", { class: "embed-footer quiet" }, footer.join(" • ")));
  return made;
}

function menu(message, entries, act) {
  const list = el("div", { class: "menu-list", role: "menu", hidden: true });
  const head = el("button", { type: "button", class: "menu-head", title: "Apps", "aria-label": "Apps for this message", "aria-haspopup": "menu", on: { click: () => open(list.hidden) } }, "⋯");
  const made = el("div", { class: "menu" }, head, list);
  list.append(el("p", { class: "quiet" }, "Apps"), ...entries.map((one) => el("button", { type: "button", role: "menuitem", on: { click: () => { open(false); act.menu(message, one.name); } } }, one.label)));
  function open(wanted) {
    list.hidden = !wanted;
    made.classList.toggle("open", wanted);
    if (wanted) list.querySelector("button").focus();
  }
  made.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { open(false); head.focus(); }
  });
  made.addEventListener("focusout", (event) => {
    if (!made.contains(event.relatedTarget)) open(false);
  });
  arrowKeys(list, "button");
  return made;
}
