// What a message holds besides its text: rows of buttons and menus, and the components of version 2.

import { el, link } from "./dom.js";
import { markdown } from "./markdown.js";
import { selectMenu } from "./select.js";

const ROW = 1, BUTTON = 2, SECTION = 9, TEXT = 10, THUMBNAIL = 11, GALLERY = 12, FILE = 13, SEPARATOR = 14, CONTAINER = 17;
const LINK_STYLE = 5;
const BUTTON_STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary" };

/** Make a component with all that is inside it. */
export function component(part, message, view, act) {
  const inside = () => part.components.map((one) => component(one, message, view, act));
  switch (part.type) {
    case ROW: return el("div", { class: "components" }, inside());
    case BUTTON: return button(part, message, act);
    case TEXT: return el("div", { class: "text" }, markdown(part.content, view.names));
    case SECTION: return el("div", { class: "section" }, el("div", {}, inside()), component(part.accessory, message, view, act));
    case SEPARATOR: return part.divider ? el("hr") : el("div", { class: "gap" });
    case THUMBNAIL: return picture(part);
    case GALLERY: return el("div", {}, part.items.map(picture));
    case FILE: return el("p", { class: "file" }, "📎 ", part.file.url.replace("attachment://", ""));
    case CONTAINER: return container(part, inside());
    default: return selectMenu(part, view, (values) => act.choose(message, part.custom_id, values));
  }
}

function button(part, message, act) {
  const label = [part.emoji?.name, part.label].filter(Boolean).join(" ");
  if (part.style === LINK_STYLE) {
    const made = link(part.url, label, el("span", { "aria-hidden": "true" }, " ↗"));
    made.className = "button secondary";
    return made;
  }
  return el(
    "button",
    { type: "button", class: `button ${BUTTON_STYLES[part.style]}`, disabled: part.disabled, data: { key: part.custom_id }, on: { click: () => act.press(message, part.custom_id) } },
    label,
  );
}

function picture(part) {
  return el("p", { class: "file" }, "🖼 ", link(part.media.url, part.description || "picture"));
}

function container(part, children) {
  const made = el("article", { class: "embed" }, children);
  if (part.accent_color !== null) made.style.setProperty("--bar", `#${part.accent_color.toString(16).padStart(6, "0")}`);
  return made;
}
