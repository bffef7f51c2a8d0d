// What a reviewer has chosen for one product and not saved yet: by column a value, or null for the model's answer.
// Values are texts, or arrays of texts where a field is a list, as the session sends them.

export const isList = (field) => field.mostItems > 0;

const same = (one, other) =>
  Array.isArray(one) && Array.isArray(other)
    ? one.length === other.length && one.every((item) => other.includes(item))
    : one === other;

// A value as text for the tables: the session checks it against the taxonomy.
export const asText = (value) => (Array.isArray(value) ? value.join("|") || "none" : value);

export const inWords = (value) => {
  if (Array.isArray(value)) return value.length ? value.join(", ") : "none";
  return value ?? "–";
};

export class Answers {
  constructor(product, isBlind) {
    this.product = product;
    this.isBlind = isBlind;
    this.chosen = new Map();
  }

  // The value in the tables: a correction, else the model's answer; nothing if the product is shown blind.
  standing(field) {
    if (this.isBlind) return undefined;
    return field.correction ? field.correction.value : field.model.value;
  }

  current(field) {
    if (!this.chosen.has(field.column)) return this.standing(field);
    const value = this.chosen.get(field.column);
    return value === null ? field.model.value : value;
  }

  isChanged(field) {
    return this.chosen.has(field.column);
  }

  // Returns a sentence if the choice is not possible.
  choose(field, value) {
    if (!isList(field)) return this.set(field, value);
    const items = this.current(field) ?? [];
    const wanted = items.includes(value) ? items.filter((item) => item !== value) : [...items, value];
    if (wanted.length > field.mostItems) {
      return `At most ${field.mostItems} ${field.label} are allowed; remove one first.`;
    }
    return this.set(field, field.values.filter((item) => wanted.includes(item)));
  }

  set(field, value) {
    if (!this.isBlind && same(value, this.standing(field))) this.chosen.delete(field.column);
    else this.chosen.set(field.column, value);
    return null;
  }

  clear(field) {
    const isPending = this.chosen.delete(field.column);
    if (!isPending && !this.isBlind && field.correction) this.chosen.set(field.column, null);
  }

  asTexts() {
    return Object.fromEntries([...this.chosen].map(([column, value]) => [column, asText(value)]));
  }
}
