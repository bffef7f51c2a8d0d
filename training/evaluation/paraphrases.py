"""The shipped prompts as a person might edit them: other sentences, layout, order of the values, and endings.

They are for judging only, and fixed, so that scores stay comparable. The demo model must not have read them: none is
made of the sentences of `training.vlm.wordings`, which a test makes sure of. The JSON keys and the values are those of
the demo's vocabulary.
"""

from dataclasses import replace

from fashion_assets.extraction.questions import Question

PARAPHRASES = {
    "material_and_pattern": (
        """\
Below is a picture from our web shop. Please tell us about its surface.

1. material - what most of the visible surface consists of. Options are: canvas, denim, knit fabric, leather, metal,
   synthetic, woven fabric. If it can't be seen, write unknown.
2. pattern - the print or weave. Options are: abstract print, checkered, floral print, geometric, polka dots, striped,
   solid color. If you see none of them, write no clear pattern.
3. confidence - low, medium or high, for your choice of material.

Your reply must be one JSON object holding material, pattern and confidence, without comments.""",
        """\
Act as a textile inspector and examine this article.
For "material" use exactly one word group out of [woven fabric / knit fabric / denim / canvas / leather / synthetic /
metal / unknown].
For "pattern" use exactly one out of [solid color / striped / checkered / polka dots / floral print / geometric /
abstract print / no clear pattern].
For "confidence" state how certain the material is: [low / medium / high].
Format: {"material": ..., "pattern": ..., "confidence": ...}""",
        """\
We need two facts about this item for our catalogue. The first is its material (unknown, metal, leather, canvas,
synthetic, denim, woven fabric or knit fabric). The second is its pattern (no clear pattern, solid color,
abstract print, geometric, floral print, polka dots, striped or checkered). Also add a confidence for the material,
which can be medium, low or high. Write them down as JSON, using material, pattern and confidence as the keys.""",
        """\
# Task
Tag the pictured product.

## Tags
* material => knit fabric | woven fabric | canvas | denim | synthetic | leather | metal | unknown
* pattern => geometric | abstract print | floral print | checkered | striped | polka dots | solid color |
  no clear pattern
* confidence => high | low | medium (certainty about the material)

## Output
JSON, all three tags, no explanation""",
        """\
Someone who cannot see the picture wants to know what it would feel like to touch this and what is printed on it.
Possible materials: synthetic, woven fabric, leather, knit fabric, canvas, metal, denim; unknown when nothing shows it.
Possible patterns: striped, solid color, polka dots, checkered, floral print, abstract print, geometric;
no clear pattern when nothing shows it.
Give the material, the pattern, and a confidence of low, medium or high that the material is correct, as a JSON
dictionary and nothing besides.""",
    ),
    "style_and_formality": (
        """\
Imagine a customer asks when to wear the thing in this picture.

1. formality - the dress code it suits best. Options are: athletic, business casual, casual, formal.
2. style_keywords - no more than three words that sum it up. Options are: bohemian, elegant, minimalist, modern,
   professional, sporty, athletic, streetwear, vintage.
3. details - everything you can point at. Options are: has buttons, has drawstrings, has hood, has logo, has pockets,
   has zipper. Leave the list empty when there is nothing.

Your reply must be one JSON object holding formality, style_keywords and details, without comments.""",
        """\
Act as a stylist and examine this article.
For "formality" use exactly one out of [athletic / casual / business casual / formal].
For "style_keywords" use up to 3 out of [elegant / professional / streetwear / bohemian / minimalist / modern / vintage
/ sporty / athletic].
For "details" use all that show out of [has logo / has drawstrings / has hood / has zipper / has buttons / has pockets].
Format: {"formality": ..., "style_keywords": [...], "details": [...]}""",
        """\
We need three facts about this item for our catalogue. The first is its formality (casual, formal, athletic or
business casual). The second is up to three style_keywords (modern, minimalist, elegant, professional, vintage,
bohemian, streetwear, athletic, sporty). The third is which details it has (has zipper, has buttons, has pockets,
has hood, has logo, has drawstrings), possibly none. Write them down as JSON, using formality, style_keywords and
details as the keys; the last two are lists.""",
        """\
# Task
Tag the pictured product.

## Tags
* formality => business casual | casual | formal | athletic
* style_keywords (at most 3) => vintage | streetwear | sporty | professional | modern | minimalist | elegant |
  bohemian | athletic
* details (all that apply, or []) => has hood | has pockets | has zipper | has logo | has buttons | has drawstrings

## Output
JSON, all three tags, no explanation""",
        """\
Someone who cannot see the picture wants to know what sort of event this suits and what is attached to it.
Possible formality: athletic for sports, casual for every day, business casual for the office, formal for the evening.
Possible style_keywords, three at the very most: sporty, athletic, modern, vintage, elegant, bohemian, professional,
minimalist, streetwear.
Possible details: has pockets, has drawstrings, has logo, has hood, has zipper, has buttons; skip what is not there.
Give the formality, the style_keywords and the details as a JSON dictionary and nothing besides.""",
    ),
    "garment_details": (
        """\
Here is a piece of clothing from our web shop. Please tell us about its shape.

1. collar - what goes around the neck. Options are: collar, crew neck, hooded, scoop neck, turtleneck, v-neck. If it has
   nothing there, write no collar; for trousers and skirts, write not applicable.
2. sleeves - how much of the arm is covered. Options are: long sleeve, short sleeve, sleeveless, three-quarter sleeve,
   or not applicable.
3. fit - how closely it follows the body. Options are: fitted, loose, oversized, regular, or cannot determine.

Your reply must be one JSON object holding collar, sleeves and fit, without comments.""",
        """\
Act as a tailor and examine this article.
For "collar" use exactly one out of [not applicable / no collar / scoop neck / turtleneck / hooded / collar / v-neck /
crew neck].
For "sleeves" use exactly one out of [not applicable / three-quarter sleeve / sleeveless / long sleeve / short sleeve].
For "fit" use exactly one out of [cannot determine / oversized / loose / regular / fitted].
Format: {"collar": ..., "sleeves": ..., "fit": ...}""",
        """\
We need three facts about this item for our catalogue. The first is its collar (hooded, collar, no collar, v-neck,
crew neck, scoop neck, turtleneck or not applicable). The second is its sleeves (sleeveless, short sleeve,
three-quarter sleeve, long sleeve or not applicable). The third is its fit (regular, fitted, oversized, loose or
cannot determine). Write them down as JSON, using collar, sleeves and fit as the keys.""",
        """\
# Task
Tag the pictured garment.

## Tags
* collar => v-neck | turtleneck | scoop neck | no collar | not applicable | hooded | crew neck | collar
* sleeves => three-quarter sleeve | sleeveless | short sleeve | not applicable | long sleeve
* fit => regular | oversized | loose | fitted | cannot determine

## Output
JSON, all three tags, no explanation""",
        """\
Someone who cannot see the picture wants to know how this would sit on the body.
Possible ends at the neck (collar): turtleneck, crew neck, scoop neck, v-neck, collar, hooded, no collar; not applicable
if it is worn below the waist.
Possible sleeves: long sleeve, three-quarter sleeve, short sleeve, sleeveless; not applicable if it is worn below the
waist.
Possible fit: oversized, loose, regular, fitted; cannot determine when nothing shows it.
Give the collar, the sleeves and the fit as a JSON dictionary and nothing besides.""",
    ),
}
"""By the shipped questions' ids; the texts with the same number go together, as one edited folder of prompts."""

COUNT = 5


def paraphrased(question: Question, number: int) -> Question:
    """The shipped question in the words of its paraphrase `number`, from 0 to COUNT - 1."""
    return replace(question, text=PARAPHRASES[question.id][number])
