// Small helpers: elements from plain values (texts become text nodes), toasts, and calls of the API.

/** Make an element. Children may be elements, texts, lists of both, or null; texts never become markup. */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (key === "class") made.className = value;
    else if (key === "data") Object.assign(made.dataset, value);
    else if (key === "on") for (const [name, listener] of Object.entries(value)) made.addEventListener(name, listener);
    else if (key.includes("-") || key === "role" || key === "for") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.flat(9).filter((one) => one !== null && one !== undefined && one !== ""));
  return made;
}

/** A link that opens elsewhere and tells nothing about this page; anything but http(s) stays a text. */
export function link(url, ...children) {
  if (!/^https?:\/\//i.test(url)) return el("span", {}, ...children);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, ...children);
}

const TOAST_MS = 7000;

/** Show a line for a while; a click takes it away. */
export function toast(message) {
  const box = document.getElementById("toasts");
  const line = el("button", { type: "button", class: "toast", title: "Close", on: { click: () => line.remove() } }, message);
  box.append(line);
  while (box.children.length > 3) box.firstChild.remove();
  setTimeout(() => line.remove(), TOAST_MS);
}

/** What the API refused: `code`, its `error`, is stable, the message is for people. */
export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Call the API: GET without a body, POST with one. */
export async function call(path, body) {
  const options = body === undefined
    ? {}
    : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refused("unreachable", "The sandbox does not answer.");
  }
  const data = await response.json();
  if (!response.ok) throw new Refused(data.error, data.message);
  return data;
}

/** Call the API and show a refusal as a toast; gives null then. */
export async function attempt(path, body) {
  try {
    return await call(path, body);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    toast(error.message);
    return null;
  }
}

/** The first letters of a name, on a colour that is always the same for it. */
export function avatar(name) {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)) % 360;
  const initials = name.split(/\s+/).map((word) => [...word][0] ?? "").slice(0, 2).join("");
  const made = el("span", { class: "avatar", "aria-hidden": "true" }, initials.toUpperCase());
  made.style.setProperty("--hue", hash);
  return made;
}

/** Move the focus among buttons with the arrow keys. */
export function arrowKeys(container, selector) {
  container.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = [...container.querySelectorAll(selector)].filter((one) => !one.disabled);
    const now = all.indexOf(document.activeElement);
    if (now < 0) return;
    event.preventDefault();
    all[(now + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length].focus();
  });
}
