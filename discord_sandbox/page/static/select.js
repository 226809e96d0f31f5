// Select menus: one choice is sent at once (and taken back with "Clear"), several are sent with "Confirm".

import { arrowKeys, el } from "./dom.js";

const USER = 5, ROLE = 6, MENTIONABLE = 7, CHANNEL = 8;

/** Give what a menu offers, as {value, label, description, emoji, chosen}. */
function offered(part, view) {
  if (part.options) {
    return part.options.map((one) => ({ ...one, emoji: one.emoji?.name, chosen: Boolean(one.default) }));
  }
  const chosen = new Set((part.default_values ?? []).map((one) => String(one.id)));
  const found = [];
  const add = (value, label) => found.push({ value, label, chosen: chosen.has(value) });
  if (part.type === USER || part.type === MENTIONABLE) for (const [id, name] of Object.entries(view.names.users)) add(id, `@${name}`);
  if (part.type === ROLE || part.type === MENTIONABLE) for (const [id, name] of Object.entries(view.names.roles)) add(id, name.startsWith("@") ? name : `@${name}`);
  if (part.type === CHANNEL) {
    for (const one of view.channels) {
      if (one.kind !== "dm" && (!part.channel_types?.length || part.channel_types.includes(one.type))) add(one.id, `# ${one.name}`);
    }
  }
  return found;
}

/** Make a select menu; `send(values)` is called with what was chosen. */
export function selectMenu(part, view, send) {
  const options = offered(part, view);
  const least = part.min_values;
  const most = Math.min(part.max_values, options.length);
  const several = part.max_values > 1;
  const clearable = !several && least === 0 && options.some((one) => one.chosen);
  const picked = new Set(options.filter((one) => one.chosen).map((one) => one.value));

  const labels = options.filter((one) => one.chosen).map((one) => one.label);
  const placeholder = part.placeholder || "Make a selection";
  const head = el(
    "button",
    { type: "button", class: "select-head", disabled: part.disabled, "aria-haspopup": "listbox", "aria-expanded": "false", data: { key: part.custom_id } },
    el("span", { class: labels.length ? "" : "quiet" }, labels.length ? labels.join(", ") : placeholder),
    el("span", { class: "caret", "aria-hidden": "true" }, "▾"),
  );
  if (labels.length) head.setAttribute("aria-label", `${placeholder}: ${labels.join(", ")}`);
  const list = el("div", { class: "select-list", role: "listbox", "aria-label": placeholder, "aria-multiselectable": String(several) });
  const confirm = el("button", { type: "button", class: "button primary", on: { click: () => finish([...picked]) } }, "Confirm");
  const note = el("span", { class: "quiet" });
  const clear = el("button", { type: "button", class: "plain", on: { click: () => finish([]) } }, "Clear");
  const foot = several ? [note, confirm] : clearable ? [clear] : [];
  const panel = el("div", { class: "select-panel", hidden: true }, list, foot.length ? el("div", { class: "select-foot" }, foot) : null);
  const made = el("div", { class: "select" }, head, panel);

  const rows = options.map((one) => {
    const row = el(
      "button",
      { type: "button", class: "select-option", role: "option", on: { click: () => choose(one.value) } },
      several ? el("span", { class: "tick", "aria-hidden": "true" }) : null,
      el("span", { class: "option-text" }, el("span", {}, one.emoji ? `${one.emoji} ` : "", one.label), one.description ? el("small", {}, one.description) : null),
    );
    return row;
  });
  list.append(...rows);

  function show() {
    rows.forEach((row, i) => {
      const on = picked.has(options[i].value);
      row.setAttribute("aria-selected", String(on));
      row.disabled = several && !on && picked.size >= most;
    });
    confirm.disabled = picked.size < least || picked.size > most;
    note.textContent = least === most ? `Choose ${least}` : least > 0 ? `Choose ${least} to ${most}` : `Up to ${most}`;
  }

  function choose(value) {
    if (!several) return finish([value]);
    if (!picked.delete(value)) picked.add(value);
    return show();
  }

  function open(wanted) {
    panel.hidden = !wanted;
    head.setAttribute("aria-expanded", String(wanted));
    if (!wanted) return;
    panel.scrollIntoView({ block: "nearest" });
    (rows.find((row) => row.getAttribute("aria-selected") === "true") ?? rows[0])?.focus();
  }

  function finish(values) {
    open(false);
    head.focus();
    send(values);
  }

  head.addEventListener("click", () => open(panel.hidden));
  made.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) {
      event.stopPropagation();
      open(false);
      head.focus();
    }
  });
  arrowKeys(list, ".select-option");
  if (!options.length) list.append(el("p", { class: "quiet" }, "There is nothing to choose from."));
  show();
  return made;
}
