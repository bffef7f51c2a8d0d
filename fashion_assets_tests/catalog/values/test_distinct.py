import polars as pl

from fashion_assets.catalog.values.distinct import read_distinct


def test_each_text_is_read_once_and_answers_stand_in_the_order_of_the_rows():
    texts = []

    def read(text: str) -> tuple[str, int]:
        texts.append(text)
        return text.upper(), len(text)

    answers = read_distinct(
        pl.Series(["b", None, "aa", "b", ""]), read, pl.Schema({"upper": pl.String, "length": pl.Int64})
    )
    assert answers.rows() == [("B", 1), (None, None), ("AA", 2), ("B", 1), ("", 0)]
    assert sorted(texts) == ["", "aa", "b"]


def test_a_column_without_texts_and_one_of_numbers():
    schema = pl.Schema({"text": pl.String})
    assert read_distinct(pl.Series([], dtype=pl.String), lambda text: (text,), schema).rows() == []
    assert read_distinct(pl.Series([2019.0, None]), lambda text: (text,), schema).rows() == [("2019.0",), (None,)]
