// Draws the state. Names and values are untrusted text: everything goes through text nodes, nothing through HTML.

import { photoAddress } from "./api.js";
import { inWords, isList } from "./answers.js";
import { CHOICE_KEYS, NOTHING_KEY } from "./keys.js";

export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

// Text with `commands` between backticks.
export const withCode = (text) =>
  text.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part));

const percent = (probability) => {
  if (probability === null) return "";
  return probability > 0.995 && probability < 1 ? " > 99 %" : ` ${Math.round(100 * probability)} %`;
};

export const keyed = (text, key) => [text, " ", element("kbd", {}, key)];

export function button(label, key, act, properties = {}) {
  return element("button", { type: "button", onclick: act, ...properties }, keyed(label, key));
}

// `answers` are the reviewer's choices, `selected` the column that is open, `outcome` the audit's result by column.
export function drawProduct(main, { product, answers, selected, outcome }, act) {
  const focused = document.activeElement?.dataset.choice;
  const isSame = main.firstElementChild?.dataset?.product === String(product.id);
  const photo = isSame ? main.querySelector(".photo") : drawPhoto(product);
  const fields = product.fields.map((field) => drawField(field, answers, field.column === selected, outcome, act));
  main.replaceChildren(
    element(
      "article",
      { class: "product", "data-product": product.id, "aria-labelledby": "name" },
      photo,
      element("div", { class: "side" }, drawHead(product), element("ol", { class: "fields" }, fields)),
    ),
  );
  const choices = [...main.querySelectorAll("[data-choice]")];
  const kept = isSame && choices.find((choice) => choice.dataset.choice === focused);
  (kept || main.querySelector("[aria-expanded=true]"))?.focus({ preventScroll: true });
  if (!isSame) window.scrollTo(0, 0);
  main.querySelector(".field.is-open")?.scrollIntoView({ block: "nearest" });
}

export function drawMessage(main, title, ...lines) {
  main.replaceChildren(
    element("section", { class: "empty" }, element("h2", {}, title), lines.map((line) => element("p", {}, withCode(line)))),
  );
}

function drawPhoto(product) {
  const figure = element("figure", { class: "photo" });
  if (!product.photo) return addNoPhoto(figure);
  const image = element("img", { src: photoAddress(product), alt: product.name ?? `Product ${product.shopId}` });
  image.addEventListener("error", () => addNoPhoto(figure));
  figure.append(image);
  return figure;
}

function addNoPhoto(figure) {
  figure.replaceChildren(element("p", { class: "no-photo" }, "No photo can be shown."));
  return figure;
}

function drawHead(product) {
  const facts = product.facts.map(([name, value]) =>
    element("div", {}, element("dt", {}, name.replaceAll("_", " ")), element("dd", {}, value)),
  );
  const failed = product.isExtracted === false;
  const why = failed && `The extraction failed: ${product.errors.join(", ").replaceAll("_", " ") || "no reason known"}.`;
  return element(
    "header",
    { class: "head" },
    element("h2", { id: "name" }, product.name ?? "(no name)", " ", element("small", {}, `#${product.shopId}`)),
    element("dl", { class: "facts" }, facts),
    failed ? element("p", { class: "finding error" }, why) : null,
  );
}

function drawField(field, answers, isSelected, outcome, act) {
  const result = outcome?.[field.column];
  const isOpen = isSelected && !result;
  const isChanged = !result && answers.isChanged(field);
  const broken = field.broken ?? [];
  const id = `values-${field.column}`;
  const head = element(
    "button",
    {
      type: "button",
      class: "field-head",
      "aria-expanded": String(isOpen),
      "aria-controls": id,
      onclick: () => act("select", field.column),
    },
    element("span", { class: "label" }, field.label),
    element("span", { class: "value" }, drawValue(field, answers, isChanged, result)),
    element("span", { class: "origin" }, origin(field, answers, isChanged, result)),
  );
  return element(
    "li",
    { class: ["field", isOpen && "is-open", isChanged ? "is-changed" : severity(broken)].filter(Boolean).join(" ") },
    head,
    broken.length || isOpen ? drawWitnesses(field, broken, isOpen) : null,
    isOpen ? drawChoices(field, answers, id, act) : null,
  );
}

function severity(broken) {
  if (broken.some((one) => one.severity === "error")) return "has-error";
  return broken.length ? "has-warning" : null;
}

function drawValue(field, answers, isChanged, result) {
  if (result) return result.label === null ? "cannot tell" : inWords(result.label);
  const current = answers.current(field);
  if (answers.isBlind) return isChanged ? inWords(current) : "…";
  if (!isChanged) return inWords(current);
  return [element("del", {}, inWords(answers.standing(field))), " → ", element("strong", {}, inWords(current))];
}

function origin(field, answers, isChanged, result) {
  if (result) {
    if (result.agrees === null) return `model: ${inWords(result.model)}`;
    return result.agrees
      ? element("span", { class: "agrees" }, "✓ the model agrees")
      : element("span", { class: "disagrees" }, `✗ model: ${inWords(result.model)}`);
  }
  if (answers.isBlind) return "";
  if (isChanged) return answers.chosen.get(field.column) === null ? "correction withdrawn" : "not saved yet";
  if (field.correction) return `corrected by ${field.correction.author}`;
  if (!field.isAsked) return "not asked";
  const isDefault = !answers.product.isExtracted && field.model.probability === null;
  return isDefault ? "no answer" : `model${percent(field.model.probability)}`;
}

function drawWitnesses(field, broken, isOpen) {
  const findings = broken.map((one) =>
    element(
      "p",
      { class: `finding ${one.severity}`, title: one.why },
      element("strong", {}, `✗ ${one.rule}`),
      `: expected ${one.expected ?? "–"}, found ${one.found ?? "–"}`,
    ),
  );
  const says = [];
  if (isOpen && field.correction) says.push(`Model: ${inWords(field.model.value)}${percent(field.model.probability)}`);
  if (isOpen && field.clip) says.push(`CLIP: ${field.clip.value}${percent(field.clip.probability)}`);
  if (isOpen && field.nameSays) says.push(`Name: ${field.nameSays}`);
  if (isOpen && field.shopSays) says.push(`Shop's table: ${field.shopSays}`);
  return element(
    "div",
    { class: "witnesses" },
    findings,
    says.length ? element("p", { class: "says" }, says.map((text) => element("span", {}, text))) : null,
  );
}

function drawChoices(field, answers, id, act) {
  const current = answers.current(field);
  const isOn = (value) => (isList(field) ? (current ?? []).includes(value) : current === value);
  const choice = (text, key, isPressed, run) =>
    element(
      "button",
      { type: "button", class: "choice", "aria-pressed": String(isPressed), "data-choice": text, onclick: run },
      element("kbd", {}, key),
      " ",
      text,
    );
  const values = field.values.map((value, index) =>
    choice(value, CHOICE_KEYS[index] ?? "", isOn(value), () => act("choose", index)),
  );
  if (isList(field)) values.push(choice("none", NOTHING_KEY, current?.length === 0, () => act("chooseNothing")));
  if (answers.isBlind) values.push(choice("cannot tell", "⌫", !answers.isChanged(field), () => act("clear")));
  else if (answers.isChanged(field)) values.push(choice("leave as it was", "⌫", false, () => act("clear")));
  else if (field.correction) values.push(choice("as the model says", "⌫", false, () => act("clear")));
  return element("div", { class: "choices", id, role: "group", "aria-label": `Values of ${field.label}` }, values);
}
