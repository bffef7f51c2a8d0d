"""The session: what it hands out, accepts and records."""

import polars as pl
import pytest

from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS
from fashion_assets.errors import ReviewRefused, UnknownProduct
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.labels.corrections import current_corrections
from fashion_assets.quality.labels.random_audit import DRAW
from fashion_assets.quality.review.session import ReviewSession
from fashion_assets.quality.review.tables import REVIEWED_PRODUCTS
from fashion_assets.quality.tables import AUDIT_LABELS, CORRECTIONS
from fashion_assets_tests.factories.reviewed_products import (
    AUTHOR,
    FAILED,
    HOSTILE,
    SANDALS,
    SHIRT,
    SOUND,
    WATCH,
    write_rows,
)


def field(view: dict, column: str) -> dict:
    return next(one for one in view["fields"] if one["column"] == column)


def corrections(store) -> list[tuple]:
    return current_corrections(store).select("product_id", "field", "value", "author").rows()


def test_what_is_known_about_a_product(session):
    view = session.product(str(SHIRT))
    assert view["id"] == SHIRT and view["name"].startswith(HOSTILE) and view["isExtracted"]
    assert ["article_type", "Shirts"] in view["facts"]
    material, pattern = field(view, "material"), field(view, "pattern")
    assert material["model"] == {"value": "woven fabric", "probability": 0.9}
    assert material["clip"] == {"value": "leather", "probability": 0.8}
    assert [one["rule"] for one in material["broken"]] == ["material agrees with clip"]
    assert pattern["nameSays"] == "striped" and pattern["correction"] is None
    assert pattern["broken"][0] | {"why": ""} == {
        "rule": "pattern agrees with words in the name",
        "why": "",
        "expected": "striped",
        "found": "solid color",
        "severity": "warn",
    }
    assert field(view, "style_keywords")["mostItems"] == 3


def test_the_shops_table_is_a_witness(session, catalog):
    attributes = catalog.read(EXTRACTED_ATTRIBUTES).filter(product_id=SHIRT)
    stated = attributes.with_columns(
        given=pl.lit('{"material":"Echtleder","pattern":"Striped"}'),
        stated_material=pl.lit("leather"),
        stated_pattern=pl.lit("striped"),
    )
    catalog.merge(EXTRACTED_ATTRIBUTES, stated, attributes["batch"].to_list())
    view = session.product(str(SHIRT))
    says = {column: field(view, column)["shopSays"] for column in ("material", "pattern", "collar_type")}
    assert says == {"material": "leather (Echtleder)", "pattern": "striped", "collar_type": None}
    assert "shopSays" not in field(session.blind_product(str(SHIRT)), "material")


def test_a_product_is_called_as_the_shop_calls_it(session, catalog):
    """Products with ids that are no integers have negative keys."""
    attributes = (
        catalog.read(EXTRACTED_ATTRIBUTES)
        .filter(product_id=SHIRT)
        .with_columns(product_id=pl.lit(-7), batch=pl.lit("batch_00009"))
    )
    catalog.merge(EXTRACTED_ATTRIBUTES, attributes, ["batch_00009"])
    named = pl.DataFrame({"product_id": [-7], "shop_id": ["TEE/Grün"], "batch": ["batch_00009"]})
    catalog.merge(BATCH_ASSIGNMENTS, named, ["batch_00009"])
    for name in ("-7", "TEE/Grün", "tee/grun"):
        assert (session.product(name)["id"], session.product(name)["shopId"]) == (-7, "TEE/Grün")
    assert session.blind_product("-7")["shopId"] == "TEE/Grün"
    with pytest.raises(ReviewRefused, match="about product TEE/Grün"):
        session.review("-7", {"material": "moonstone"}, True)
    assert session.product(str(SHIRT))["shopId"] == str(SHIRT)


def test_a_product_that_failed_says_why(session):
    view = session.product(str(FAILED))
    assert not view["isExtracted"] and view["errors"] == ["photo_missing"] and view["photo"] is None


def test_what_was_not_asked_can_be_corrected_but_is_not_audited(session):
    assert not field(session.product(str(WATCH)), "collar_type")["isAsked"]
    assert "collar_type" not in {one["column"] for one in session.blind_product(str(WATCH))["fields"]}
    assert "collar_type" in {one["column"] for one in session.blind_product(str(SHIRT))["fields"]}


def test_the_audit_is_blind(session):
    view = session.blind_product(str(SHIRT))
    assert set(view) == {"id", "shopId", "name", "facts", "photo", "fields"}
    assert all(set(one) == {"column", "label", "values", "mostItems"} for one in view["fields"])


def test_a_correction_is_on_record_and_takes_the_product_off_the_queue(session, catalog):
    assert session.disagreements()["ids"] == [FAILED, WATCH, SHIRT]
    saved = session.review(str(WATCH), {"material": "Steel", "details": "pockets"}, True)
    assert saved == {"new": 2, "before": {"material": None, "visual_details": None}}
    assert corrections(catalog) == [
        (WATCH, "material", "metal", AUTHOR),
        (WATCH, "visual_details", "has pockets", AUTHOR),
    ]
    assert session.disagreements()["ids"] == [FAILED, SHIRT]
    assert field(session.product(str(WATCH)), "visual_details")["correction"] == {
        "value": ["has pockets"],
        "author": AUTHOR,
    }


def test_a_confirmation_corrects_nothing(session, catalog):
    assert session.review(str(SHIRT), {}, True) == {"new": 0, "before": {}}
    assert session.disagreements()["ids"] == [FAILED, WATCH]
    assert len(catalog.read(CORRECTIONS)) == 0
    session.review(str(SHIRT), {}, True)
    assert len(catalog.read(REVIEWED_PRODUCTS)) == 1  # said once


def test_what_was_given_back_undoes_the_review(session, catalog):
    session.review(str(WATCH), {"material": "denim"}, True)
    saved = session.review(str(WATCH), {"material": "metal", "pattern": "striped"}, True)
    assert saved["before"] == {"material": "denim", "pattern": None}
    session.review(str(WATCH), saved["before"], False)
    assert corrections(catalog) == [(WATCH, "material", "denim", AUTHOR)]
    assert WATCH in session.disagreements()["ids"]


def test_a_product_comes_back_when_it_is_extracted_again(session, catalog):
    session.review(str(WATCH), {}, True)
    write_rows(catalog, {"product_id": WATCH, "article_type": "Watches", "material": "denim"})
    assert session.disagreements()["ids"] == [WATCH]


def test_a_batch_narrows_the_disagreements_and_not_the_audit(catalog, tmp_path, questions):
    session = ReviewSession(catalog, tmp_path, questions, AUTHOR, batch="batch_00007")
    assert session.disagreements()["ids"] == []
    assert sorted(session.audit()["ids"]) == [SHIRT, WATCH, FAILED, SOUND, SANDALS]


@pytest.mark.parametrize(
    "values, message",
    [
        (
            {"material": "cheese"},
            r"product 2 has material 'cheese', but it must be one of: leather, denim, .*no part of the answer",
        ),
        ({"colour": "red"}, r"has field 'colour', but it must be one of: material, pattern"),
        ({"style_keywords": "modern|vintage|elegant|sporty"}, r"has 4 style_keywords, but at most 3 are allowed"),
        ({"confidence_material": "low"}, r"has field 'confidence_material', but it must be one of"),
    ],
)
def test_bad_values_are_refused_and_nothing_is_recorded(session, catalog, values, message):
    with pytest.raises(ReviewRefused, match=message):
        session.review(str(WATCH), {"pattern": "striped", **values}, True)
    with pytest.raises(ReviewRefused, match=message):
        session.answer_audit(str(WATCH), {"pattern": "striped", **values})
    assert [len(catalog.read(table)) for table in (CORRECTIONS, REVIEWED_PRODUCTS, AUDIT_LABELS)] == [0, 0, 0]


@pytest.mark.parametrize("product_id", ["99", "-1", "abc", "9" * 30, "1; drop"])
def test_an_unknown_product_is_refused(session, product_id):
    for ask in (session.product, session.blind_product, session.photo, lambda one: session.review(one, {}, True)):
        with pytest.raises(UnknownProduct, match="There is no extracted product"):
            ask(product_id)


def test_an_audit_answer_is_recorded_and_compared(session, catalog):
    found = session.answer_audit(
        str(SHIRT), {"material": "denim", "pattern": "solid color", "style_keywords": "modern"}
    )
    answers = found["answers"]
    assert answers["material"] == {"model": "woven fabric", "label": "denim", "agrees": False}
    assert answers["pattern"]["agrees"] and answers["style_keywords"]["agrees"]
    assert answers["formality"] == {"model": "casual", "label": None, "agrees": None}
    recorded = dict(catalog.read(AUDIT_LABELS).select("field", "value").iter_rows())
    assert len(recorded) == 8 and recorded["material"] == "denim" and recorded["formality"] is None
    assert len(catalog.read(CORRECTIONS)) == 0 and SHIRT in session.disagreements()["ids"]


def test_a_product_is_audited_once(session):
    session.answer_audit(str(SHIRT), {"material": "denim"})
    with pytest.raises(ReviewRefused, match="was audited by the catalog team already"):
        session.answer_audit(str(SHIRT), {"material": "woven fabric"})


def test_what_was_not_asked_has_no_label(session):
    with pytest.raises(
        ReviewRefused,
        match="collar_type, whose question was not asked, but only answers can be audited; label material",
    ):
        session.answer_audit(str(WATCH), {"collar_type": "collar"})


def test_the_audit_counts_and_draws_more(catalog, tmp_path, questions):
    write_rows(catalog, *({"product_id": number} for number in range(1, 121)))
    session = ReviewSession(catalog, tmp_path, questions, AUTHOR)
    first = session.audit()
    assert (len(first["ids"]), first["done"], first["drawn"], first["draws"], first["more"]) == (DRAW, 0, DRAW, 1, DRAW)
    second = session.audit(2)
    assert second["ids"][:DRAW] == first["ids"] and second["drawn"] == 2 * DRAW and second["more"] == 20
    session.answer_audit(str(first["ids"][0]), {})
    assert session.audit()["done"] == 1 and session.audit()["ids"] == first["ids"][1:]
    session.answer_audit(str(second["ids"][DRAW]), {})
    again = session.audit()  # a second draw was begun and is continued
    assert (again["draws"], again["done"], len(again["ids"])) == (2, 2, 98)
    last = session.audit(9)
    assert (last["drawn"], last["more"]) == (120, 0)


def test_photos_outside_the_photos_folder_are_not_shown(catalog, tmp_path, questions):
    (tmp_path / "photos" / "link.png").symlink_to("/etc/hostname")
    paths = {1: "../secret.png", 2: "link.png", 3: None}
    write_rows(catalog, *({"product_id": number, "image_path": path} for number, path in paths.items()))
    session = ReviewSession(catalog, tmp_path / "photos", questions, AUTHOR)
    for number in ("1", "2"):
        with pytest.raises(UnknownProduct, match=f"of product {number} lies outside the photos folder"):
            session.photo(number)
    with pytest.raises(UnknownProduct, match="Product 3 has no photo in the catalog"):
        session.photo("3")
