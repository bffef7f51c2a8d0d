"""The language of a catalog's names: named where most names show it, and not where they do not."""

import pytest

from fashion_assets.shop.languages.detection import MOST_NAMES, names_language

NAMES = {
    "en": [
        "Turtle Men Check Navy Blue Shirt",
        "Peter England Men Party Blue Jeans",
        "Titan Women Silver Watch",
        "Puma Men Grey T-shirt",
        "Café Noir Women Red Dress",
    ],
    "de": [
        "Leinenkleid Nora mit Gürtel",
        "Herren Hemd kariert langarm",
        "Damen Lederstiefel schwarz",
        "Strickpullover für Kinder",
        "Handtasche aus Leder, Größe M",
    ],
    "fr": ["Robe en lin pour femme", "Chemise rayée homme", "Veste noire", "Sac à main en cuir"],
    "es": ["Vestido rojo de mujer", "Camisa de lino para hombre", "Zapatos negros con hebilla", "Falda larga de rayas"],
    "it": ["Abito lungo da donna", "Camicia di lino uomo", "Scarpe nere in pelle", "Gonna a righe con cintura"],
    "pt": ["Vestido vermelho feminino", "Camisa masculina de algodão", "Calça preta sem bolso"],
    "nl": ["Zwarte jurk met bloemen", "Heren overhemd gestreept", "Leren tas voor dames"],
    "sv": ["Svart klänning med blommor", "Randig skjorta herr", "Röd väska"],
    "pl": ["Czarna sukienka damska", "Koszula męska w kratę", "Buty damskie skórzane"],
    "cyrillic": ["Платье красное", "Рубашка мужская", "Nike Кроссовки чёрные"],
    "arabic": ["قميص أزرق", "فستان أحمر"],
    "devanagari": ["कमीज लाल"],
}


@pytest.mark.parametrize("code", [*NAMES])
def test_the_language_of_most_names(code):
    language = names_language([*NAMES[code], "Acme X200", "Nova 7"])
    assert language.code == code
    assert language.name
    assert 0 < language.shares[code] <= 1


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["", " "],
        ["Acme X200", "Nova 7", "501", "Superstar"],
        [*NAMES["de"][:2], *NAMES["en"][:2]],
        ["Acme X200"] * 20 + NAMES["de"][:3],
        ["👗", "123"],
    ],
)
def test_no_language_is_made_up(names):
    language = names_language(names)
    assert (language.code, language.name) == (None, "")


def test_german_compounds_show_their_language():
    assert names_language(["Sommerkleid", "Regenjacken", "Lederguertel 90"]).code == "de"
    assert names_language(["Marschall", "Hemdon", "Kleidos"]).code is None


def test_a_large_catalog_is_sampled():
    assert names_language(["Herren Hemd"] * MOST_NAMES + ["Men Shirt"] * 10 * MOST_NAMES).code == "de"


def test_decomposed_letters_count():
    assert names_language(["Ho\u0308schen gru\u0308n"]).code == "de"
