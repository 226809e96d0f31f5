// The input at the bottom: an ordinary message, or after "/" a command with a field for each option.

import { attempt, call, el, Refused, toast } from "./dom.js";

const INTEGER = 4, BOOLEAN = 5, USER = 6, CHANNEL = 7, ROLE = 8, MENTIONABLE = 9, NUMBER = 10;
const TYPING_MS = 150;
const MOST = 2000;

/** A list of suggestions over an input: arrows move, Enter and Tab take, Escape closes. */
class Suggestions {
  constructor(input, take) {
    this.input = input;
    this.take = take;
    this.found = [];
    this.at = 0;
    this.list = el("div", { class: "suggestions", role: "listbox", hidden: true });
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-expanded", "false");
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.show([]));
  }

  /** Show what fits; nothing is marked while nothing is typed, so that Enter and Tab do not choose by accident. */
  show(found) {
    this.found = found;
    this.at = this.input.value ? 0 : -1;
    this.list.replaceChildren(...found.map((one, i) => el(
      "div",
      { class: "suggestion", role: "option", on: { mousedown: (event) => { event.preventDefault(); this.pick(i); } } },
      el("span", {}, one.label),
      one.hint ? el("small", {}, one.hint) : null,
    )));
    this.list.hidden = found.length === 0;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((row, i) => {
      row.setAttribute("aria-selected", String(i === this.at));
      if (i === this.at) row.scrollIntoView({ block: "nearest" });
    });
  }

  pick(i) {
    const one = this.found[i];
    this.show([]);
    this.take(one);
  }

  key(event) {
    if (!this.found.length) return;
    const size = this.found.length;
    if (event.key === "ArrowDown") this.at = (this.at + 1) % size;
    else if (event.key === "ArrowUp") this.at = (Math.max(this.at, 0) + size - 1) % size;
    else if ((event.key === "Enter" || event.key === "Tab") && this.at >= 0) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.pick(this.at);
      return;
    } else if (event.key === "Escape") {
      event.stopImmediatePropagation();
      this.show([]);
      return;
    } else return;
    event.preventDefault();
    this.mark();
  }
}

/** The composer. `view()` gives the present view; `base()` the API path of person and channel; `done(response)` gets answers. */
export class Composer {
  constructor(root, view, base, done) {
    this.root = root;
    this.view = view;
    this.base = base;
    this.done = done;
    this.input = el("textarea", { rows: 1, id: "input", "aria-label": "Message or command", autocomplete: "off" });
    this.suggestions = new Suggestions(this.input, (one) => this.openCommand(one.command));
    this.plain = el("div", { class: "plain-input" }, this.suggestions.list, this.input);
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        this.send();
      }
    });
    root.append(this.plain);
  }

  /** Fit the place that is shown now. */
  refresh(placeName) {
    const { can_write: writable, commands } = this.view();
    const usable = writable || commands.length > 0;
    this.input.disabled = !usable;
    this.input.placeholder = usable ? `Message ${placeName}, or / for commands` : "You cannot write here.";
  }

  /** Go back to the empty input. */
  reset() {
    this.input.value = "";
    this.grow();
    this.suggestions.show([]);
    this.root.replaceChildren(this.plain);
  }

  typed() {
    this.grow();
    const text = this.input.value;
    if (!text.startsWith("/")) return this.suggestions.show([]);
    const wanted = text.slice(1).toLowerCase();
    const all = this.view().commands;
    const exact = all.find((one) => `${one.label} ` === wanted || `${one.name} ` === wanted);
    if (exact) return this.openCommand(exact);
    const fits = all.filter((one) => one.label.startsWith(wanted) || one.name.startsWith(wanted));
    return this.suggestions.show(fits.map((command) => ({ command, label: `/${command.label}`, hint: command.description })));
  }

  grow() {
    this.input.style.height = "";
    if (this.input.value) this.input.style.height = `${Math.min(this.input.scrollHeight, 200)}px`;
  }

  async send() {
    const text = this.input.value.trim();
    if (!text) return;
    if (text.startsWith("/")) {
      const found = this.view().commands.find((one) => one.label === text.slice(1) || one.name === text.slice(1));
      if (found) this.openCommand(found);
      else toast(`There is no command ${text} here.`);
      return;
    }
    if (text.length > MOST) {
      toast(`A message takes up to ${MOST} characters, not ${text.length}.`);
      return;
    }
    const sent = await attempt(`${this.base()}/messages`, { text });
    if (sent) this.reset();
  }

  openCommand(command) {
    const fields = command.options.map((option) => new OptionField(command, option, this, () => collect(fields)));
    const form = el(
      "form",
      { class: "command", on: {
        submit: (event) => { event.preventDefault(); this.run(command, fields, form); },
        keydown: (event) => this.commandKey(event, form),
      } },
      el("div", { class: "command-head" }, el("strong", {}, `/${command.label}`), el("span", { class: "quiet" }, command.description)),
      fields.length ? el("div", { class: "command-fields" }, fields.map((one) => one.root)) : null,
      el("div", { class: "command-foot" },
        el("button", { type: "button", class: "button secondary", on: { click: () => { this.reset(); this.input.focus(); } } }, "Cancel"),
        el("button", { class: "button primary" }, "Send")),
    );
    this.reset();
    this.root.replaceChildren(form);
    (fields[0]?.control ?? form.querySelector(".primary")).focus();
  }

  /** Escape leaves, and Enter sends from every field, also from a select, which would open its list. */
  commandKey(event, form) {
    if (event.key === "Escape") {
      this.reset();
      this.input.focus();
    } else if (event.key === "Enter" && event.target.matches("select")) {
      event.preventDefault();
      form.requestSubmit();
    }
  }

  async run(command, fields, form) {
    const missing = fields.find((one) => one.option.required && one.value() === undefined);
    if (missing) {
      toast(`${missing.option.label} is needed.`);
      missing.control.focus();
      return;
    }
    this.reset();
    this.input.focus();
    try {
      this.done(await call(`${this.base()}/command`, { name: command.name, options: collect(fields) }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      toast(error.message);
      const mendable = error.code === "bad_input" || error.code === "bad_body";
      if (mendable && this.root.contains(this.plain) && !this.input.value) this.root.replaceChildren(form);
    }
  }
}

function collect(fields) {
  return Object.fromEntries(fields.map((one) => [one.option.name, one.value()]).filter(([, value]) => value !== undefined));
}

let fieldCount = 0;

/** The field of one option of a command. */
class OptionField {
  constructor(command, option, composer, others) {
    this.command = command;
    this.option = option;
    this.composer = composer;
    this.others = others;
    this.picked = null;
    const id = `option-${(fieldCount += 1)}`;
    const choices = this.choices();
    if (choices) {
      this.control = el("select", { id }, el("option", { value: "" }, option.required ? "choose…" : "not chosen"), choices.map((one, i) => el("option", { value: String(i) }, one.name)));
      this.values = choices.map((one) => one.value);
    } else {
      this.control = el("input", { id, type: "text", autocomplete: "off" });
      if (option.type === INTEGER || option.type === NUMBER) this.control.inputMode = "decimal";
    }
    const about = el("small", { id: `${id}-about`, class: "quiet" }, option.description);
    this.control.setAttribute("aria-describedby", about.id);
    this.root = el("div", { class: "option" }, el("label", { for: id }, option.label, option.required ? el("span", { class: "needed" }, " *") : null), this.control, about);
    if (option.autocomplete) this.suggest();
  }

  choices() {
    const { type, choices, channel_types: types } = this.option;
    const view = this.composer.view();
    const refs = (names, sign) => Object.entries(names).map(([id, name]) => ({ name: name.startsWith(sign) ? name : `${sign}${name}`, value: { id } }));
    if (choices.length) return choices;
    if (type === BOOLEAN) return [{ name: "yes", value: true }, { name: "no", value: false }];
    if (type === USER) return refs(view.names.users, "@");
    if (type === ROLE) return refs(view.names.roles, "@");
    if (type === MENTIONABLE) return [...refs(view.names.users, "@"), ...refs(view.names.roles, "@")];
    if (type === CHANNEL) {
      return view.channels.filter((one) => one.kind !== "dm" && (!types?.length || types.includes(one.type))).map((one) => ({ name: `#${one.name}`, value: { id: one.id } }));
    }
    return null;
  }

  suggest() {
    const suggestions = new Suggestions(this.control, (one) => {
      this.picked = one;
      this.control.value = one.label;
    });
    this.root.append(suggestions.list);
    let asked = 0;
    let timer = null;
    const ask = async () => {
      const mine = (asked += 1);
      const options = this.others();
      delete options[this.option.name];
      const found = await attempt(`${this.composer.base()}/autocomplete`, { name: this.command.name, option: this.option.name, text: this.control.value, options });
      if (mine !== asked || !found || document.activeElement !== this.control) return;
      suggestions.show(found.choices.map((one) => ({ label: one.name, value: one.value })));
    };
    this.control.addEventListener("input", () => {
      this.picked = null;
      clearTimeout(timer);
      timer = setTimeout(ask, TYPING_MS);
    });
    this.control.addEventListener("focus", ask);
  }

  /** Give what was chosen or typed; undefined if nothing was. */
  value() {
    const raw = this.control.value;
    if (raw === "") return undefined;
    if (this.values) return this.values[Number(raw)];
    if (this.picked) return this.picked.value;
    if (this.option.type === INTEGER || this.option.type === NUMBER) {
      const number = Number(raw);
      return Number.isNaN(number) ? raw : number;
    }
    return raw;
  }
}
