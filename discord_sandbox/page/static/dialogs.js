// The dialogs: a modal of the bot, and letting somebody join.

import { call, el, Refused, toast } from "./dom.js";
import { field } from "./fields.js";
import { markdown } from "./markdown.js";

const TEXT = 10;

function openDialog(title, fields, buttons, submit, closed) {
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const form = el("form", { method: "dialog", noValidate: true }, el("h2", {}, title), fields, problem, el("div", { class: "dialog-foot" }, buttons));
  const dialog = el("dialog", { "aria-label": title }, form);
  let busy = false;
  let sent = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    dialog.classList.add("busy");
    problem.hidden = true;
    try {
      await submit();
      sent = true;
      dialog.close();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      busy = false;
      dialog.classList.remove("busy");
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (!sent && closed) closed();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function cancelButton() {
  return el("button", { type: "button", class: "button secondary", on: { click: (event) => event.target.closest("dialog").close() } }, "Cancel");
}

/** Show a modal of the bot; `names` are those of the view, and `done(response)` gets what came of it. */
export function openModal(person, modal, names, done) {
  const fields = new Map();
  const shown = modal.fields.map((one) => {
    if (one.type === TEXT) return el("div", { class: "text" }, markdown(one.content, names));
    const made = field(one);
    fields.set(one.name, made);
    return made.element;
  });
  const path = `/api/people/${person}/modals/${modal.id}`;
  openDialog(
    modal.title,
    shown,
    [el("small", { class: "quiet" }, "Ctrl+Enter sends"), cancelButton(), el("button", { class: "button primary" }, "Submit")],
    async () => {
      const values = {};
      for (const [name, one] of fields) values[name] = await one.read();
      done(await call(`${path}/submit`, { values }));
    },
    () => { call(`${path}/dismiss`, {}).catch(() => {}); },
  );
  fields.values().next().value?.focus.focus();
}

const LANGUAGES = [["en-US", "English"], ["de", "Deutsch"], ["es-ES", "Español"], ["fr", "Français"], ["it", "Italiano"], ["pt-BR", "Português"], ["ru", "Русский"], ["uk", "Українська"], ["tr", "Türkçe"], ["vi", "Tiếng Việt"], ["zh-CN", "中文"], ["ja", "日本語"], ["ko", "한국어"]];

/** Ask who joins; `done(id)` gets their id. */
export function openJoin(done) {
  const name = el("input", { id: "join-name", maxLength: 32, required: true, autocomplete: "off" });
  const locale = el("select", { id: "join-locale" }, LANGUAGES.map(([value, label]) => el("option", { value }, label)));
  openDialog(
    "Let somebody join",
    [
      el("div", { class: "field" }, el("label", { for: "join-name" }, "Name"), name),
      el("div", { class: "field" }, el("label", { for: "join-locale" }, "Language of their Discord"), locale),
    ],
    [cancelButton(), el("button", { class: "button primary" }, "Join")],
    async () => {
      if (!name.value.trim()) throw new Refused("bad_body", "A name is needed.");
      const joined = await call("/api/people", { name: name.value.trim(), locale: locale.value });
      toast(`${name.value.trim()} joined.`);
      done(joined.id);
    },
  );
  name.focus();
}
