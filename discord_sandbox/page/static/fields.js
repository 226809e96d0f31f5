// The fields of a modal: for each component of Discord's an element, and how to read what stands in it.

import { el } from "./dom.js";

const STRING_SELECT = 3, TEXT_INPUT = 4, USER = 5, CHANNEL = 8, UPLOAD = 19, RADIO_GROUP = 21, CHECKBOX_GROUP = 22, CHECKBOX = 23;
const PARAGRAPH = 2;
let made = 0;

/** Make a field; gives {element, focus, read}, where `read` gives what the API takes for it. */
export function field(one) {
  const id = `field-${(made += 1)}`;
  if (one.type === TEXT_INPUT) return textField(one, id);
  if (one.type === CHECKBOX) return checkbox(one, id);
  if (one.type === UPLOAD) return upload(one, id);
  if (one.type === RADIO_GROUP || one.type === CHECKBOX_GROUP) return group(one, id);
  if (one.type === STRING_SELECT || (one.type >= USER && one.type <= CHANNEL)) return select(one, id);
  throw new Error(`There is no field for components of type ${one.type}.`);
}

const needed = (one) => one.required ? el("span", { class: "needed", title: "needed" }, " *") : null;
const described = (one) => one.description ? el("p", { class: "quiet about" }, one.description) : null;

/** What the API is told was chosen: the label, or the value where another option has the same label. */
const called = (options, one) => options.filter((other) => other.label === one.label).length > 1 ? one.value : one.label;

function labelled(one, id, input, ...more) {
  return el("div", { class: "field" }, el("label", { for: id }, one.label, needed(one)), described(one), input, ...more);
}

function textField(one, id) {
  const tag = one.style === PARAGRAPH ? "textarea" : "input";
  const input = el(tag, { id, value: one.value ?? "", placeholder: one.placeholder ?? "", required: one.required, autocomplete: "off" });
  if (one.style === PARAGRAPH) input.rows = 8;
  const count = el("small", { class: "quiet" });
  // A paste that is too long is shown and refused, never cut off unseen.
  const show = () => {
    count.textContent = `${input.value.length} / ${one.max_length}`;
    count.className = input.value.length > one.max_length ? "needed" : "quiet";
  };
  input.addEventListener("input", show);
  show();
  return { element: labelled(one, id, input, count), focus: input, read: () => input.value };
}

function select(one, id) {
  const several = one.max_values > 1;
  const input = el("select", { id, multiple: several });
  if (!several) input.append(el("option", { value: "" }, one.placeholder || "Make a selection"));
  for (const option of one.options) {
    const label = [option.emoji?.name, option.label, option.description && `(${option.description})`].filter(Boolean).join(" ");
    input.append(el("option", { value: called(one.options, option), selected: Boolean(option.default) }, label));
  }
  const read = () => [...input.selectedOptions].map((chosen) => chosen.value).filter(Boolean);
  return { element: labelled(one, id, input), focus: input, read };
}

function group(one, id) {
  const radios = one.type === RADIO_GROUP;
  const inputs = one.options.map((option) => el("input", { type: radios ? "radio" : "checkbox", name: id, value: called(one.options, option), checked: Boolean(option.default) }));
  const rows = one.options.map((option, i) => el("label", { class: "choice" }, inputs[i], el("span", {}, option.label, option.description ? el("small", { class: "quiet" }, ` ${option.description}`) : null)));
  const element = el("fieldset", { class: "field" }, el("legend", {}, one.label, needed(one)), described(one), rows);
  const chosen = () => inputs.filter((input) => input.checked).map((input) => input.value);
  return { element, focus: inputs[0], read: () => radios ? chosen()[0] ?? null : chosen() };
}

function checkbox(one, id) {
  const input = el("input", { id, type: "checkbox", checked: one.default });
  const row = el("label", { class: "choice", for: id }, input, el("span", {}, one.label));
  return { element: el("div", { class: "field" }, row, described(one)), focus: input, read: () => input.checked };
}

function upload(one, id) {
  const accept = (one.file_types ?? []).map((type) => type.startsWith(".") ? type : `${type}/*`).join(",");
  const input = el("input", { id, type: "file", multiple: one.max_values > 1, accept });
  const read = async () => Object.fromEntries(await Promise.all([...input.files].map(async (file) => [file.name, await base64(file)])));
  return { element: labelled(one, id, input), focus: input, read };
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
