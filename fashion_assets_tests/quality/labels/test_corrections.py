"""Hand corrections: read strictly, kept for ever, and stronger than the model."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from fashion_assets.cli.app import app
from fashion_assets.enrichment.describe import describe
from fashion_assets.errors import SourceError
from fashion_assets.quality.labels.corrections import (
    corrected,
    corrections_in_words,
    current_corrections,
    read_corrections,
    record_corrections,
    write_corrections,
)
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.quality.tables import CORRECTIONS
from fashion_assets_tests.factories import attributes

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WHO = "the catalog team"


def read(folder: Path, *lines: str, author: str | None = WHO, now: datetime = NOW) -> pl.DataFrame:
    file = folder / "corrections.csv"
    file.write_text("\n".join(lines) + "\n")
    return read_corrections(file, author, now)


def words(frame: pl.DataFrame) -> list[tuple]:
    return frame.select("product_id", "field", "value").rows()


def test_words_are_made_the_taxonomys(tmp_path: Path):
    found = read(
        tmp_path, "product_id,field,value", "1,material,Wool", "1,details,pockets|zip", "2,details,none", "3,fit,"
    )
    assert words(found) == [
        (1, "material", "knit fabric"),
        (1, "visual_details", "has pockets|has zipper"),
        (2, "visual_details", "none"),
        (3, "fit_type", None),
    ]
    assert set(found["author"]) == {WHO} and set(found["at"]) == {NOW}


def test_the_later_of_two_lines_counts(tmp_path: Path):
    found = read(tmp_path, "product_id,field,value", "1,fit,loose", "2,fit,loose", "1,fit,fitted")
    assert sorted(words(found)) == [(1, "fit_type", "fitted"), (2, "fit_type", "loose")]


def test_a_line_may_name_its_author_and_time(tmp_path: Path):
    found = read(
        tmp_path, "product_id,field,value,author,at", "1,material,denim,someone,2025-05-01T08:00:00+02:00", author=None
    )
    assert found.select("author", "at").row(0) == ("someone", datetime(2025, 5, 1, 6, tzinfo=UTC))


@pytest.mark.parametrize(
    "lines, message",
    [
        (
            ["product_id,field,value", "1,material,denim", "2,material,cheese"],
            r"Line 3 .* 'cheese', but it must be one of: lea",
        ),
        (
            ["product_id,field,value", "1,colour,red"],
            r"Line 2 .* has field 'colour', but it must be one of: material, pattern",
        ),
        (
            ["product_id,field,value", "x,material,denim"],
            r"Line 2 .* has product_id 'x', but it must be the id of a product",
        ),
        (
            ["product_id,field,value", "1,style_keywords,modern|vintage|elegant|sporty"],
            r"Line 2 .* has 4 style_keywords, but at most 3 are allowed",
        ),
        (
            ["product_id,field,value,at", "1,material,denim,soon"],
            r"Line 2 .* has at 'soon', but it must be a time like 2026",
        ),
        (["product_id,value", "1,denim"], r"have no column field, only product_id, value, but it is required; add it"),
    ],
)
def test_a_bad_line_is_one_sentence(tmp_path: Path, lines: list[str], message: str):
    with pytest.raises(SourceError, match=message):
        read(tmp_path, *lines)


def test_somebody_must_say_so(tmp_path: Path):
    with pytest.raises(SourceError, match=r"has no author, but a correction needs one; name one \(--by NAME\)"):
        read(tmp_path, "product_id,field,value", "1,material,denim", author=None)


def test_the_last_word_counts_and_can_be_taken_back(tmp_path: Path, store):
    head = "product_id,field,value"
    record_corrections(store, read(tmp_path, head, "1,material,denim", "2,fit,loose"))
    record_corrections(store, read(tmp_path, head, "1,material,metal", now=NOW + timedelta(hours=1)))
    assert words(current_corrections(store)) == [(1, "material", "metal"), (2, "fit_type", "loose")]
    record_corrections(store, read(tmp_path, head, "1,material,", now=NOW + timedelta(hours=2)))
    assert words(current_corrections(store)) == [(2, "fit_type", "loose")]
    assert len(store.read(CORRECTIONS)) == 4  # nothing is forgotten


def test_what_is_known_already_is_not_recorded_again(tmp_path: Path, store):
    lines = ("product_id,field,value", "1,material,denim", "2,pattern,")
    assert record_corrections(store, read(tmp_path, *lines)) == 1  # there is nothing to take back of product 2
    assert record_corrections(store, read(tmp_path, *lines, now=NOW + timedelta(hours=1))) == 0


def test_an_old_word_is_recorded_once_and_does_not_count(tmp_path: Path, store):
    head = "product_id,field,value"
    record_corrections(store, read(tmp_path, head, "1,material,metal"))
    old = read(tmp_path, head, "1,material,denim", now=NOW - timedelta(days=1))
    assert [record_corrections(store, old), record_corrections(store, old)] == [1, 0]
    assert words(current_corrections(store)) == [(1, "material", "metal")]


def test_what_is_exported_can_be_imported(tmp_path: Path, store):
    record_corrections(store, read(tmp_path, "product_id,field,value", "1,details,none", "2,fit,loose"))
    assert write_corrections(store, tmp_path / "out" / "corrections.csv") == 2
    again = read_corrections(tmp_path / "out" / "corrections.csv", None, NOW + timedelta(days=1))
    assert again.rows() == current_corrections(store).select(again.columns).rows()


def test_an_export_holds_no_formula_and_imports_as_it_was(tmp_path: Path, store):
    author = '=HYPERLINK("http://x","y")'
    record_corrections(store, read(tmp_path, "product_id,field,value", "1,details,none", author=author))
    file = tmp_path / "corrections.csv"
    write_corrections(store, file)
    assert ",=" not in file.read_text() and '"=' not in file.read_text()
    assert read_corrections(file, None, NOW)["author"].to_list() == [author]


def test_corrections_win_over_the_model(tmp_path: Path):
    rows = attributes(
        {"material": "unknown", "confidence_material": "low", "visual_details": ["has logo"]},
        {"material": "leather", "confidence_material": "low"},
    )
    found = corrected(
        rows,
        read(tmp_path, "product_id,field,value", "0,material,denim", "0,details,none", "0,fit,loose", "9,fit,loose"),
    )
    assert found["material"].to_list() == ["denim", "leather"]
    assert found["confidence_material"].to_list() == ["high", "low"]
    assert found["visual_details"].to_list() == [[], []]
    assert found["fit_type"].to_list() == ["loose", "regular"]
    assert found["corrections"].to_list() == ["fit_type=loose; material=denim; visual_details=none", None]


def test_without_corrections_nothing_changes(store):
    rows = attributes({}, {"material": "denim"})
    assert corrected(rows, current_corrections(store)).drop("corrections").equals(rows)
    assert corrections_in_words(current_corrections(store)).is_empty()


def test_a_corrected_product_is_described_though_its_extraction_failed(tmp_path: Path):
    rows = attributes(
        *[{"extraction_success": False, "material": "unknown", "confidence_material": "low", "formality": None}] * 2
    )
    found = describe(rows, broken_rules(rows), read(tmp_path, "product_id,field,value", "1,material,denim"))
    failed, corrected_row = found.iter_rows(named=True)
    assert failed["needs_review"] and not failed["use_enriched_text"]
    assert corrected_row["use_enriched_text"] and not corrected_row["needs_review"]
    assert "denim" in corrected_row["rich_text_description"]
    assert corrected_row["extraction_success"] is False  # the gates' business


def test_the_command_takes_all_of_a_file_or_nothing(tmp_path: Path):
    file = tmp_path / "corrections.csv"
    file.write_text("product_id,field,value\n7,material,denim\n")
    result = CliRunner().invoke(app, ["corrections", "import", str(file), "--by", WHO])
    shown = " ".join(result.output.split())
    assert result.exit_code == 0, result.output
    assert "1 of 1 corrections are new" in shown and "1 products are not in the catalog (yet): 7" in shown
    file.write_text("product_id,field,value\n8,material,denim\n9,material,cheese\n")
    assert CliRunner().invoke(app, ["corrections", "import", str(file), "--by", WHO]).exit_code != 0
    out = tmp_path / "out.csv"
    assert CliRunner().invoke(app, ["corrections", "export", str(out)]).exit_code == 0
    assert out.read_text().splitlines()[1].startswith("7,material,denim,")
