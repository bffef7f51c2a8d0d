"""Other ways to ask the three questions, so that the demo model survives an edited prompt.

The project's own prompts are the first wording; variants change the sentences, the layout and the order of the
allowed values, but never the JSON keys.
"""

import random
import textwrap

from fashion_assets.demo.vocabulary import ATTRIBUTES, Attribute
from fashion_assets.extraction.questions import Question

_TASKS = {
    "material": (
        "What is the product in the photo made of, and which pattern does it have?",
        "Look at the product photo. Identify the main material and the surface pattern.",
        "Name the material and the pattern of this fashion product.",
        "Which fabric or material do you see, and is there a pattern?",
        "Describe material and pattern of the item, and how confident you are.",
        "You are a fashion expert. Determine the material and the pattern of the product shown.",
        "Material and pattern?",
    ),
    "formality": (
        "How formal is the product in the photo, what is its style, and which details can you see?",
        "Look at the product photo. Judge the formality, give style keywords and list the visible details.",
        "Describe the style and the formality of this fashion product, with its visible details.",
        "For which occasions is this item made, and which details does it have?",
        "Judge how formal this item is, its style, and list pockets, buttons, zipper, hood, drawstrings or logo.",
        "You are a fashion expert. Determine formality, style and details of the product shown.",
        "Style, formality and details?",
    ),
    "collar": (
        "Which collar, which sleeves and which fit does the garment in the photo have?",
        "Look at the product photo. Identify the collar type, the sleeve length and the fit.",
        "Name the neckline, the sleeve length and the cut of this garment.",
        "How is the garment cut: which collar, how long are the sleeves, how does it fit?",
        "Describe collar, sleeves and fit of the item.",
        "You are a fashion expert. Determine collar, sleeves and fit of the clothing shown.",
        "Collar, sleeves and fit?",
    ),
}
_ONE = (
    "{key}: one of {values}",
    "{key}: choose one of {values}",
    "- {key}: {values}",
    '"{key}": one of: {values}',
    "{key} ({values})",
    "For {key}, pick from: {values}.",
    "{key} = {values}",
    "* {key}, either {values}",
)
_MANY = (
    "{key}: a list of up to {count} of {values}",
    "{key}: a list of all you can see of {values}; an empty list if there are none",
    "- {key}: any of {values}",
    '"{key}": a list of: {values}',
    "{key} (list of {values})",
    "For {key}, pick any that apply: {values}.",
    "{key} = [{values}]",
    "* {key}, as many as fit: {values}",
)
_ENDINGS = (
    "Answer only with JSON with the keys {keys}.",
    "Answer with JSON only.",
    "Return a JSON object with the keys {keys}.",
    "Respond in JSON with {keys}. No other text.",
    "Reply only with valid JSON.",
    "Give your answer as JSON: {keys}",
    "",
)

_LETTERS = "aabcdeeefghiiklmnoooprsstttuvwy"
_COMMON_TEXT = """
the a an of in on at to for from with by as and or but not no if then this that these it its they we you your our
be is are was has have had do does can could may must should will would one two three four five more less most
only all any each every some other such same first last next new good big small long much many very well just
here there where when how what which who why thing kind sort part side piece word name note way item article
product picture photo image view catalog shop customer person people look see show find give make take tell use
write say pick answer value field entry list choose describe check read think know need want keep help sure clear
visible likely best main upper lower front back over under between without about after before again also often
"""
_COMMON = _COMMON_TEXT.split()


def reworded(question: Question, rng: random.Random) -> str:
    """The question's text in other words: a light edit of the original, a new text, or one with many more words.

    Many have meaningless words around the keys and values: what a person will write cannot be foreseen, so the model
    must learn to rely on these.
    """
    kind = rng.random()
    if kind < 0.25:
        return _lightly_edited(question.text, rng)
    if kind < 0.55:
        return _wordy(question, rng)
    task, ending = rng.choice(_TASKS[question.keys[0]]), rng.choice(_ENDINGS).format(keys=_listed(question.keys))
    fields = [_line(ATTRIBUTES[key], rng) for key in question.keys] if rng.random() < 0.85 else []
    if fields and rng.random() < 0.33:
        task, ending = _garbled(task, rng), _garbled(ending, rng)
    if rng.random() < 0.3:
        rng.shuffle(fields)
    lines = [task, *fields, ending]
    if rng.random() < 0.15:
        lines = [*fields, task, ending]
    return rng.choice(("\n", "\n", " ", "\n\n")).join(line for line in lines if line)


def _wordy(question: Question, rng: random.Random) -> str:
    """Keys and values in running text of up to 250 words that mean nothing."""
    lines = [_chatter(rng, 4, 24)]
    for number, key in enumerate(question.keys, 1):
        values = ATTRIBUTES[key].vocabulary.values()
        rng.shuffle(values)
        apart = values.pop() if rng.random() < 0.3 else ""
        label = rng.choice(("{key}", '"{key}"', "{number}. {key}", "* {key}", "### {key}", "{chatter} {key}"))
        label = label.format(key=key, number=number, chatter=_chatter(rng, 1, 5))
        listed = rng.choice((", ", ", ", " | ", "; ", " / ", " or ", "\n- ")).join(values)
        opening, closing = rng.choice((("", "."), ("[", "]"), ("(", ")"), ("", "")))
        about = rng.choice((" ", " - ", ": ", " -> ")) + _chatter(rng, 0, 16)
        lines.append(f"{label}{about} {opening}{listed}{closing} {_chatter(rng, 0, 6)} {apart} {_chatter(rng, 0, 4)}")
    keys = _listed(question.keys) if rng.random() < 0.7 else ""
    lines.append(f"{_chatter(rng, 1, 12)} JSON {keys} {_chatter(rng, 0, 8)}")
    text = rng.choice(("\n", "\n", "\n\n", " ")).join(" ".join(line.split(" ")) for line in lines)
    return textwrap.fill(text, rng.randrange(60, 121)) if rng.random() < 0.3 else text


def _chatter(rng: random.Random, least: int, most: int) -> str:
    """Common and invented words in any order, with a full stop now and then."""
    words = rng.choices(_COMMON, k=rng.randint(least, most))
    for place, word in enumerate(words):
        if rng.random() < 0.35:
            words[place] = "".join(rng.choices(_LETTERS, k=rng.randrange(2, 10)))
        if rng.random() < 0.12:
            words[place] = word.capitalize() if rng.random() < 0.5 else word + rng.choice((".", ",", "?"))
    return " ".join(words)


def _garbled(sentence: str, rng: random.Random) -> str:
    """Words left out, doubled, changed in order or for invented ones."""
    words = [word for word in sentence.split() if rng.random() > 0.3]
    words += ["".join(rng.choices(_LETTERS, k=rng.randrange(2, 9))) for _ in range(rng.randrange(6))]
    if rng.random() < 0.5:
        rng.shuffle(words)
    return " ".join(words)


def _lightly_edited(text: str, rng: random.Random) -> str:
    lines = text.splitlines()
    edit = rng.randrange(5)
    if edit == 0:
        lines[0] = "Look closely. " + lines[0]
    elif edit == 1:
        lines[-1] = rng.choice(("Answer with JSON.", "Answer only with JSON.", lines[-1] + " Do not guess."))
    elif edit == 2:
        lines.insert(1, "If you are not sure, say so.")
    elif edit == 3:
        lines = [line + " " * rng.randrange(2) for line in lines]
    return rng.choice(("\n", " ", "\n\n")).join(lines)


def _line(f: Attribute, rng: random.Random) -> str:
    values = f.vocabulary.values()
    if rng.random() < 0.6:
        rng.shuffle(values)
    if rng.random() < 0.15:
        values = values[: rng.randrange(2, len(values) + 1)]
    listed = rng.choice((", ", ", ", " | ", "; ")).join(values)
    return rng.choice(_MANY if f.is_list else _ONE).format(key=f.key, values=listed, count=f.max_items)


def _listed(keys: tuple[str, ...]) -> str:
    return ", ".join(keys[:-1]) + " and " + keys[-1]
