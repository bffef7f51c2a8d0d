import polars as pl
import pytest

from fashion_assets.catalog.values.prices import PRICES, DecimalEvidence, read_prices


def read(text: str, decimal="."):
    return read_prices(pl.Series([text]), decimal).row(0, named=True)


def evidence(*parts: list[str | None]) -> DecimalEvidence:
    evidence = DecimalEvidence()
    for part in parts:
        evidence.add(pl.Series(part, dtype=pl.String))
    return evidence


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$65.00", 65, "USD"),
        ("1.299,00 €", 1299, "EUR"),
        ("49,90", 49.9, None),
        ("EUR 59.95", 59.95, "EUR"),
        ("59,95\u00a0EUR", 59.95, "EUR"),
        ("1'299.00", 1299, None),
        ("1’299.–", 1299, None),
        ("1\u202f299,00 €", 1299, "EUR"),
        ("1 299", 1299, None),
        ("CHF 49.-", 49, "CHF"),
        ("49,-- €", 49, "EUR"),
        ("1.299,-", 1299, None),
        ("1,299.-", 1299, None),
        ("499:-", 499, None),
        ("Rs. 1,499/-", 1499, "INR"),
        ("₹1,29,999.50", 129_999.5, "INR"),
        ("Rs. 1,299 (Incl. of all taxes)", 1299, "INR"),
        ("£12", 12, "GBP"),
        (" 12.50 ", 12.5, None),
        ("12€50", 12.5, "EUR"),
        ("1e3", 1000, None),
        ("1,5E+02", 150, None),
        ("１２．５０", 12.5, None),
        ("١٬٢٣٤٫٥٠ ر.س", 1234.5, "SAR"),
        ("US$ 65", 65, "USD"),
        ("$65.00 CAD", 65, "CAD"),
        ("AUD$20", 20, "AUD"),
        ("199 kr.", 199, "kr"),
        ("¥1,000", 1000, "¥"),
        ("20 zł", 20, "PLN"),
        ("R 199", 199, "ZAR"),
        ("S/. 49.90", 49.9, "PEN"),
        ("Rs.75", 75, "INR"),
        ("€.75", 0.75, "EUR"),
        ("UVP: 59,95 €*", 59.95, "EUR"),
        ("49,00 € inkl. MwSt.", 49, "EUR"),
        ("0", 0, None),
        ("-0.00", 0, None),
        ("free", 0, None),
        ("GRATIS", 0, None),
        ("19.899999999999999", 19.9, None),
    ],
)
def test_prices_as_shops_write_them(text, amount, currency):
    assert read(text) == {
        "amount": pytest.approx(amount),
        "currency": currency,
        "is_range": False,
        "is_negative": False,
        "problem": None,
    }


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("Rs.1,499 - Rs.1,699", 1499, "INR"),
        ("10–20 €", 10, "EUR"),
        ("20 to 10", 10, None),
        ("1.699,00 bis 1.499", 1499, None),  # the second is read as the first shows
        ("CHF 49.- - 59.-", 49, "CHF"),
        ("zwischen 10 und 20 €", 10, "EUR"),
        ("from 19.90", 19.9, None),
        ("ab 19,90 €", 19.9, "EUR"),
        ("à partir de 10 €", 10, "EUR"),
        ("₹499 onwards", 499, "INR"),
        ("10+", 10, None),
    ],
)
def test_of_a_range_the_lowest_price(text, amount, currency):
    price = read(text)
    assert (price["amount"], price["currency"], price["is_range"], price["problem"]) == (amount, currency, True, None)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("-5", -5), ("−5 €", -5), ("€ -5", -5), ("(5.00)", -5), ("($1,299.00)", -1299), ("5,00-", -5), ("-5 - 10", -5)],
)
def test_negative_prices_are_read_and_flagged(text, amount):
    price = read(text)
    assert (price["amount"], price["is_negative"], price["problem"]) == (amount, True, None)


@pytest.mark.parametrize(
    "text",
    [
        *("No Price", "on request", "TBD", "abc", "inf", "-inf", "Infinity", "0x10", "1_000", "1e999", "9" * 400),
        *("50%", "50 % off", "30 ml", "2 kg", "2 for 30", "38 EU", "5 top", "12/24", "2019-05-01", "10-20-30"),
        *("1.2.3", "1,2,3", "12 99", "1,29,99", "10--20", "49-", "(5", "5)", "€ 5 USD", "10 € - 20 $", "up to 50"),
        *("5²", "½", "$", "12.50 2-pack", "€5€6", "--5", "5 000 000 00"),
    ],
)
def test_what_is_not_certainly_a_price_is_none(text):
    price = read(text)
    shown = text if len(text) <= 80 else f"{text[:80]}..."
    assert price == dict.fromkeys(PRICES) | {
        "is_range": False,
        "is_negative": False,
        "problem": f"'{shown}' is not a price",
    }


def test_a_missing_price_is_no_problem():
    prices = read_prices(pl.Series(["N/A", None, "-", "", "NaN", "12"]), ".")
    assert prices["problem"].to_list() == [None] * 6
    assert prices["amount"].to_list() == [None] * 5 + [12.0]


def test_rows_keep_their_order_and_numbers_are_their_own_amounts():
    assert read_prices(pl.Series(["2", "1", "2", "x"]), ".")["amount"].to_list() == [2, 1, 2, None]
    assert read_prices(pl.Series([1.299, 5, None]), ",")["amount"].to_list() == [1.299, 5, None]
    assert read_prices(pl.Series([], dtype=pl.String), ".").schema == PRICES


@pytest.mark.parametrize(
    ("column", "decimal", "is_ambiguous"),
    [
        (["49,90", "1.299"], ",", False),
        (["49.90", "1.299"], ".", False),
        (["1.299,00"], ",", False),
        (["1,299,000"], ".", False),
        (["0.750", "1.250"], ".", False),  # no thousands begin with a zero
        (["1,299"], ".", True),
        (["1.299", "899"], ",", True),
        (["1,299", "1.299"], ".", True),
        (["49,-", "1.299"], ",", False),
        (["49.-", "1.299.-"], ",", True),
        (["1.299 €"], ",", False),  # the euro has two decimals
        (["KWD 1.250", "KWD 12.500"], ".", False),
        (["1,250 TND"], ",", False),
        (["KWD 1,250.000", "KWD 2.500"], ".", False),
        (["49,90", "49.90", "1.299"], ",", True),
        (["49,90", "49.90"], ".", False),
        (["12", "abc", "N/A", "-5"], ".", False),
        ([], ".", False),
    ],
)
def test_the_column_decides_the_decimal_sign(column, decimal, is_ambiguous):
    decided = evidence(column)
    assert (decided.decided(), decided.is_ambiguous) == (decimal, is_ambiguous)


def test_evidence_comes_in_parts_and_counts_rows():
    column = evidence(["34,95 €", "1.249", None], ["59.95 EUR"] * 2)
    assert (column.decided(), column.is_ambiguous, column.contradictions) == (".", False, 1)
    numbers = evidence()
    numbers.add(pl.Series([49.9, 1.299]))
    assert not numbers.is_ambiguous


def test_a_price_that_shows_its_own_sign_is_read_by_it():
    prices = ["1,299.00 EUR", "34,95 EUR", "59.95 EUR", "1,299"]
    for decimal, thousand in ((".", 1299.0), (",", 1.299)):
        assert read_prices(pl.Series(prices), decimal)["amount"].to_list() == [1299.0, 34.95, 59.95, thousand]


def test_three_decimals_or_thousands():
    dinars = pl.Series(["KWD 1.250", "KWD 12.500", "KWD 0.750"])
    assert read_prices(dinars, evidence(dinars.to_list()).decided())["amount"].to_list() == [1.25, 12.5, 0.75]
    euros = pl.Series(["1.250 €", "12.500 €", "750 €"])
    assert read_prices(euros, evidence(euros.to_list()).decided())["amount"].to_list() == [1250, 12_500, 750]
