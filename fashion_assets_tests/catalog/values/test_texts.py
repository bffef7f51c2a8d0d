import html
import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.values.texts import clean_texts


def clean(text: str, **options) -> str | None:
    return clean_texts(pl.Series([text]), **options).item()


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Men&#39;s Polo &amp; Shorts", "Men's Polo & Shorts"),
        ("<b>Bold</b> Linen Shirt", "Bold Linen Shirt"),
        ("Caf&eacute; Noir", "Café Noir"),
        ("Caf&amp;eacute; Noir", "Café Noir"),
        ("Caf&amp;amp;amp;eacute;", "Café"),
        ("Caf&#038;eacute;", "Café"),
        ("&lt;p&gt;Soft &amp;amp; warm&lt;/p&gt;", "Soft & warm"),
        ("<p>100&nbsp;% Leinen</p>\\n<p>Länge: 110&nbsp;cm</p>", "100 % Leinen Länge: 110 cm"),
        ("first\\r\\nsecond", "first second"),
        (
            "<p>An <strong>every</strong>day shirt.</p><ul><li>cotton</li><li>pocket</li></ul>",
            "An everyday shirt. cotton pocket",
        ),
        ("a<br>b<br/>c<BR />d", "a b c d"),
        ("<p>Sizes:</p><table><tr><td>40</td><td>41</td></tr></table>", "Sizes: 40, 41"),
        ("<table><tr><th>EU</th><td>40</td></tr><tr><th>UK:</th><td></td><td>7</td></tr></table>.", "EU, 40; UK: 7 ."),
        ("<td>40</td><td><p>41</p></td>", "40, 41"),
        ("a<script>if (x < 1) { y = '</p>' }</script>b<style>p{}</style><!-- no -->", "a b"),
        ("cut off <style>p { color", "cut off"),
        ('<img alt="a > b" src="x.jpg">seen', "seen"),
        ("<a title=it's href='x'>Don't</a>", "Don't"),
        ("<![CDATA[Soft & warm]]>", "Soft & warm"),
        ("<S>old</S> new", "old new"),
        ("zero\u200bwidth\u00ad and\ufeff bell\x07", "zerowidth and bell"),
        (" many \u00a0 \u2003\t kinds\r\nof spaces ", "many kinds of spaces"),
        ("e\u0301te\u0301", "été"),
        ("Ã©tÃ©", "Ã©tÃ©"),
        ("<p> </p>", None),
        ("", None),
    ],
)
def test_html_and_characters_without_meaning_become_text(text, cleaned):
    assert clean(text) == cleaned
    assert clean_texts(pl.Series([cleaned, None], dtype=pl.String)).to_list() == [cleaned, None]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Shirt <3 you",
            "A < B & C",
            "R&B tee",
            "Size > 40",
            "A <B",
            "x<y>z",
            "Shirt <S>",
            "I <heart> NY",
            "Size <M>",
        ),
        *(
            "AT&T; H&M",
            "Salt&Pepper",
            "?a=1&copy=2",
            "&notit; &unknown;",
            "& more",
            "&;",
            "&#;",
            "<>",
            "</>",
            "<!",
            "a<-b",
        ),
        *("می\u200cخواهم", "👩\u200d👧", "50% off", 'He said "hi"'),
    ],
)
def test_what_only_looks_like_html_stays(name):
    assert clean(name) == name


def test_the_column_may_say_what_it_holds():
    assert clean("<x-price>5</x-price> &amp; more", is_html=True) == "5 & more"
    assert clean("<x-price>5</x-price> &amp; more") == "<x-price>5</x-price> & more"
    assert clean(" <b>Bold</b>\u200b  &amp;\\n", is_html=False) == "<b>Bold</b> &amp;\\n"


def test_rows_keep_their_order_and_the_column_its_name():
    texts = pl.Series("body", ["<b>b</b>", None, "a", "&amp;lt;b&amp;gt;", "a", "<b>b</b>"])
    cleaned = clean_texts(texts)
    assert (cleaned.name, cleaned.to_list()) == ("body", ["b", None, "a", None, "a", "b"])


plain_texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf"), exclude_characters="<&\\"), max_size=30)
harmless = st.lists(plain_texts | st.sampled_from(["<3", " < ", " & ", "R&B", "<", "&", ">", "<9>", "&!"]), max_size=6)


@pytest.mark.long_form
@given(plain_texts)
def test_plain_text_comes_back_equal_up_to_spaces_and_nfc(text):
    assert (clean(text) or "") == " ".join(unicodedata.normalize("NFC", text).split())


@pytest.mark.long_form
@given(plain_texts, st.integers(1, 3))
def test_text_that_was_escaped_any_number_of_times_comes_back(text, times):
    escaped = text
    for _ in range(times):
        escaped = html.escape(escaped)
    assert clean(escaped) == clean(text)


words = st.text("abcdefg", min_size=1, max_size=4)
blocks = st.sampled_from(
    ["<br>", "<p>", "</p><p>", "</li> <li class='x'>", "<hr/>", '<div title="a > b">', "<!-- a -->"]
)


@pytest.mark.long_form
@given(st.lists(st.tuples(words, blocks), min_size=1, max_size=8))
def test_no_word_is_lost_or_joined_to_another(parts):
    assert clean("".join(f"{word}{tag}" for word, tag in parts)) == " ".join(word for word, _ in parts)


pieces = st.sampled_from(
    [
        *(
            "<",
            ">",
            "&",
            ";",
            "amp;",
            "lt;",
            "&lt;",
            "&gt;",
            "#38;",
            "&num;",
            "b",
            "<b>",
            "</b>",
            "<p>",
            "<td>",
            "<tr>",
        ),
        *(
            "<table>",
            "<!--",
            "-->",
            "<script>",
            "</script>",
            "<S>",
            "\\",
            "n",
            "\\n",
            "\u200b",
            "\u200c",
            "\u200d",
            "م",
        ),
        *(
            "\x1f",
            "\x1e",
            "\x1d",
            "\x00",
            "\u0338",
            "\u0301",
            "\u037e",
            ":",
            ",",
            '"',
            "'",
            " ",
            "\u00a0",
            "\u2000",
            "=",
        ),
        *("&zwnj;", "&shy;", "&NoBreak;", "&Tab;", "&bsol;", "a ", "<![CDATA[", "]]>", "/", "&#x5c;", "&semi;", "&lt"),
    ]
)


@pytest.mark.long_form
@given(st.lists(pieces, max_size=14).map("".join) | st.text(max_size=20))
def test_cleaning_twice_changes_nothing(text):
    for is_html in (None, True, False):
        cleaned = clean(text, is_html=is_html)
        assert cleaned is None or clean(cleaned, is_html=is_html) == cleaned
