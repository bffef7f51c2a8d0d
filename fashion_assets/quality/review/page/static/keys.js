// Which key does what. Digits choose; letters that are commands are not used for choosing.

export const CHOICE_KEYS = [..."123456789abdefghilmnoprtvwxyz"];
export const NOTHING_KEY = "0";

const COMMANDS = {
  ArrowUp: "fieldUp",
  k: "fieldUp",
  ArrowDown: "fieldDown",
  j: "fieldDown",
  ArrowRight: "next",
  s: "next",
  ArrowLeft: "previous",
  Enter: "save",
  " ": "confirm",
  c: "confirm",
  u: "undo",
  Backspace: "clear",
  q: "switchQueue",
  "?": "help",
};

// Calls `act(command)` or `act("choose", index)`; keys that mean something to a focused button stay with the button.
export function listen(act) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const isOnButton = event.target.closest("button:not([aria-expanded])");
    const isMoving = COMMANDS[key]?.startsWith("field");
    if (event.repeat && !isMoving) return; // a key held too long confirms nothing unseen
    if (isOnButton && (key === "Enter" || key === " ")) return;
    const choice = CHOICE_KEYS.indexOf(key);
    if (key === NOTHING_KEY) act("chooseNothing");
    else if (choice >= 0) act("choose", choice);
    else if (COMMANDS[key]) act(COMMANDS[key]);
    else return;
    event.preventDefault();
  });
}
