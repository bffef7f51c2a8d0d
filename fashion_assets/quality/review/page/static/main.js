// The page's state and what each command does to it.

import * as api from "./api.js";
import { Answers, asText, isList } from "./answers.js";
import { listen } from "./keys.js";
import { button, drawMessage, drawProduct, withCode } from "./view.js";

const main = document.getElementById("main");
const status = document.getElementById("status");
const help = document.getElementById("help");

const NEXT_STEP = "Next: `fashion run` brings the corrections into search; only the corrected products are recomputed.";

const state = {
  queue: "disagreements",
  ids: [],
  index: 0,
  audit: { done: 0, drawn: 0, draws: 1, more: 0 },
  product: null,
  answers: null,
  selected: null,
  outcome: null, // the audit's answers compared with the model's, once they are saved
  isBusy: false,
  hasAskedTwice: false,
};
const undoable = [];
const ahead = new Map(); // products requested before they are shown
let corrected = 0;

const isAudit = () => state.queue === "audit";

function say(text, isError = false) {
  status.replaceChildren(...withCode(text));
  status.className = isError ? "error" : "";
}

function fetchProduct(id) {
  if (!ahead.has(id)) {
    const request = isAudit() ? api.blindProduct(id) : api.product(id);
    request.catch(() => ahead.delete(id));
    ahead.set(id, request);
  }
  return ahead.get(id);
}

async function prefetch(id) {
  if (id === undefined) return;
  try {
    const product = await fetchProduct(id);
    if (product.photo) new Image().src = api.photoAddress(product);
  } catch {
    // Requested again when it is shown, and then the error is reported.
  }
}

async function openQueue(queue, draws = 1) {
  const products = await (queue === "audit" ? api.audit(draws) : api.disagreements());
  Object.assign(state, { queue, ids: products.ids, audit: queue === "audit" ? products : state.audit });
  ahead.clear();
  history.replaceState(null, "", `#${queue}`);
  await show(0);
}

async function show(index) {
  const id = state.ids[index];
  const product = id === undefined ? null : await fetchProduct(id);
  const answers = product && new Answers(product, isAudit());
  Object.assign(state, { index, product, answers, outcome: null, hasAskedTwice: false });
  if (product) state.selected = (product.fields.find((field) => field.broken?.length) ?? product.fields[0]).column;
  draw();
  prefetch(state.ids[state.index + 1]);
}

function draw() {
  for (const queue of ["disagreements", "audit"]) {
    document.getElementById(queue).setAttribute("aria-pressed", String(queue === state.queue));
  }
  document.getElementById("progress").textContent = progress();
  if (state.product) drawProduct(main, state, act);
  else drawEnd();
  drawActions();
}

function progress() {
  if (isAudit()) return `${state.audit.done} of ${state.audit.drawn} done`;
  return state.product ? `${state.index + 1} of ${state.ids.length}` : "";
}

function drawEnd() {
  const next = corrected ? [NEXT_STEP] : [];
  if (state.ids.length) {
    drawMessage(main, "That was the last one.", ...next);
  } else if (isAudit()) {
    const measure = "`fashion accuracy --audit` measures the model against these labels.";
    drawMessage(main, "All drawn products are answered.", measure, ...next);
  } else {
    drawMessage(main, "No product is left to review.", ...next);
  }
}

function drawActions() {
  const actions = document.getElementById("actions");
  const shown = [];
  if (state.outcome) {
    if (disagreeing().length) shown.push(button("Also correct the product", "c", () => act("confirm")));
    shown.push(button("Next", "↵", () => act("save"), { class: "primary" }));
  } else if (state.product) {
    if (!isAudit()) shown.push(button("Confirm as it is", "c", () => act("confirm")));
    shown.push(button("Save", "↵", () => act("save"), { class: "primary" }));
    shown.push(button("Later", "s", () => act("next")));
  } else if (state.ids.length) {
    shown.push(button("From the beginning", "↵", () => act("save")));
  } else if (isAudit() && state.audit.more > 0) {
    shown.push(button(`Draw ${state.audit.more} more`, "↵", () => act("save"), { class: "primary" }));
  }
  if (undoable.length) shown.push(button("Undo", "u", () => act("undo")));
  actions.replaceChildren(...shown);
}

const field = () => state.product.fields.find((each) => each.column === state.selected);
const disagreeing = () => Object.entries(state.outcome).filter(([, answer]) => answer.agrees === false);

function move(steps) {
  const columns = state.product.fields.map((each) => each.column);
  const place = columns.indexOf(state.selected) + steps;
  state.selected = columns[Math.min(Math.max(place, 0), columns.length - 1)];
}

async function recordReview(product, corrections, isReviewed) {
  const saved = await api.saveReview(product.id, corrections, isReviewed);
  corrected += saved.new;
  undoable.push({ id: product.id, shopId: product.shopId, queue: state.queue, before: saved.before, new: saved.new });
  const what = saved.new ? `Saved ${saved.new} correction${saved.new > 1 ? "s" : ""} of` : "Confirmed as it is:";
  say(`${what} ${product.name ?? product.shopId}. ${saved.new ? "Next: `fashion run`." : ""}`);
}

async function leave() {
  ahead.delete(state.product.id);
  if (state.outcome) state.ids.splice(state.index, 1);
  await show(state.outcome ? state.index : state.index + 1);
}

async function saveCorrections() {
  if (!state.answers.chosen.size) {
    say("Nothing has changed; choose another value, or press c to confirm the product as it is.");
    return;
  }
  await recordReview(state.product, state.answers.asTexts(), true);
  await leave();
}

async function saveAudit() {
  const { product, answers } = state;
  if (!answers.chosen.size && !state.hasAskedTwice) {
    state.hasAskedTwice = true;
    say("No value is chosen; press Enter again to record that nothing can be told.");
    return;
  }
  state.outcome = (await api.saveAudit(product.id, answers.asTexts())).answers;
  state.audit.done += 1;
  const compared = Object.values(state.outcome).filter((answer) => answer.agrees !== null);
  const agreeing = compared.filter((answer) => answer.agrees).length;
  say(`Saved. The model agrees on ${agreeing} of ${compared.length}.`);
  draw();
  document.querySelector("#actions .primary").focus();
}

const commands = {
  fieldUp: () => move(-1),
  fieldDown: () => move(1),
  select: (column) => {
    state.selected = column;
  },
  choose: (index) => {
    const value = field().values[index];
    if (value === undefined || state.outcome) return;
    const refusal = state.answers.choose(field(), value);
    say(refusal ?? "", Boolean(refusal));
    state.hasAskedTwice = false;
    if (isAudit() && !isList(field())) move(1);
  },
  chooseNothing: () => {
    if (isList(field()) && !state.outcome) state.answers.set(field(), []);
  },
  clear: () => {
    if (!state.outcome) state.answers.clear(field());
  },
};

// Commands that send requests to the session, and draw the result themselves.
const requests = {
  save: async () => {
    if (state.outcome) await leave();
    else if (state.product) await (isAudit() ? saveAudit() : saveCorrections());
    else await openQueue(state.queue, state.audit.draws + (state.ids.length || !state.audit.more ? 0 : 1));
  },
  confirm: async () => {
    if (!state.product) return;
    if (state.outcome) {
      const corrections = Object.fromEntries(disagreeing().map(([column, answer]) => [column, asText(answer.label)]));
      if (Object.keys(corrections).length) await recordReview(state.product, corrections, true);
      await leave();
    } else if (isAudit()) {
      say("The audit asks what you see; choose values, and save with Enter.");
    } else if (state.answers.chosen.size) {
      say("There are unsaved values; save them with Enter, or discard them with Backspace.");
    } else {
      await recordReview(state.product, {}, true);
      await leave();
    }
  },
  undo: async () => {
    const last = undoable.at(-1);
    if (!last) {
      say("There is nothing to undo.");
      return;
    }
    await api.saveReview(last.id, last.before, false);
    undoable.pop();
    corrected -= last.new;
    say(`Undone: product ${last.shopId} is as it was before.`);
    ahead.delete(last.id);
    if (last.queue === "audit" || isAudit()) {
      drawActions();
      return;
    }
    if (!state.ids.includes(last.id)) state.ids.splice(state.index, 0, last.id);
    await show(state.ids.indexOf(last.id));
  },
  next: async () => {
    if (state.product) await leave();
  },
  previous: async () => {
    if (state.index > 0) await show(state.index - 1);
  },
  open: async (queue) => {
    say("");
    await openQueue(queue);
  },
  switchQueue: () => requests.open(isAudit() ? "disagreements" : "audit"),
};

async function act(command, argument) {
  if (command === "help") {
    help.showModal();
    return;
  }
  if (commands[command]) {
    if (!state.product || state.isBusy) return;
    commands[command](argument);
    draw();
    return;
  }
  if (state.isBusy) return;
  state.isBusy = true;
  try {
    await requests[command](argument);
  } catch (error) {
    say(error.message, true);
  } finally {
    state.isBusy = false;
  }
}

document.getElementById("disagreements").addEventListener("click", () => act("open", "disagreements"));
document.getElementById("audit").addEventListener("click", () => act("open", "audit"));
document.getElementById("show-help").addEventListener("click", () => act("help"));
listen(act);
act("open", location.hash === "#audit" ? "audit" : "disagreements");
