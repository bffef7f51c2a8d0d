"""XML feeds as tables."""

import pytest

from fashion_assets.catalog.reading import TableFormat
from fashion_assets.errors import SourceError

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<title>Shop</title><link>https://shop.example.com</link>
<item><g:id>0012</g:id><title>Café &amp; Co</title><g:title>Café</g:title><link>https://shop.example.com/1</link>
<description><![CDATA[<table><tr><td>36</td></tr></table>]]></description>
<g:additional_image_link>https://x/2.jpg</g:additional_image_link>
<g:additional_image_link>https://x/3.jpg</g:additional_image_link>
<g:shipping><g:country>DE</g:country><g:price>0 EUR</g:price></g:shipping></item>
<item><g:id>13</g:id><g:price>5 EUR</g:price><g:color/>
<g:additional_image_link>https://x/w_3,h_2/2.jpg</g:additional_image_link>
<g:additional_image_link>https://x/3.jpg</g:additional_image_link></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<title>Shop</title>
<entry><g:id>1</g:id><title>Belt</title><link href="https://shop.example.com/1"/></entry>
<entry><g:id>2</g:id><title>Bag</title></entry></feed>"""


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "utf-16"])
def test_items_of_a_feed_are_rows(load, encoding):
    read = load(RSS.format(encoding=encoding).encode(encoding), name="feed.xml")
    assert read.columns == ("id", "title", "link", "description", "additional_image_link", "shipping", "price", "color")
    assert read.rows == [
        (
            "0012",
            "Café",
            "https://shop.example.com/1",
            "<table><tr><td>36</td></tr></table>",
            "https://x/2.jpg,https://x/3.jpg",
            '{"country": "DE", "price": "0 EUR"}',
            None,
            None,
        ),
        ("13", None, None, None, "https://x/w_3,h_2/2.jpg|https://x/3.jpg", None, "5 EUR", None),
    ]
    assert read.table.nested == {"shipping": "XML"}
    assert (read.numbers, read.notes) == ([1, 2], ())
    assert read.raws[1].startswith('{"id": "13", "price": "5 EUR"')


def test_entries_of_an_atom_feed_are_rows(load):
    read = load(ATOM)
    assert (read.columns, read.rows) == (
        ("id", "title", "link"),
        [("1", "Belt", "https://shop.example.com/1"), ("2", "Bag", None)],
    )


def test_other_feeds_have_products_and_attributes(load):
    text = '<shop><offers><offer id="7" available="true"><name>A<b>B</b></name></offer></offers></shop>'
    assert load(text).rows == [("AB", "7", "true")]
    assert load("<!-- made by hand --><products><Product><id>1</id></Product></products>").rows == [("1",)]


def test_a_stated_encoding_overrides_the_declaration(load):
    content = '<?xml version="1.0" encoding="utf-8"?><a><item><n>é</n></item></a>'.encode("latin-1")
    assert load(content, TableFormat("latin-1")).rows == [("é",)]


def test_a_feed_that_is_not_in_utf_8_as_it_says_is_read_all_the_same(load):
    text = "<a><item><n>Crème Brûlée</n></item><item><n>Café</n></item></a>"
    for declaration in ("", '<?xml version="1.0" encoding="UTF-8"?>'):
        read = load((declaration + text).encode("cp1252"))
        assert read.of("n") == ["Crème Brûlée", "Café"]
        assert read.notes == ("Read as Windows-1252 (it is not UTF-8).",)


def test_a_large_feed_is_read_in_parts(load):
    items = "".join(f"<item><id>{number}</id></item>" for number in range(50))
    read = load(f"<rss><channel>{items}</channel></rss>", rows=20)
    assert [len(part) for part in read.parts] == [20, 20, 10]
    assert read.numbers == [*range(1, 51)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<rss><channel></channel></rss>", "XML without items"),
        ("<rss><item><id>1</id></rss>", "not well-formed XML"),
        ('<!DOCTYPE r [<!ENTITY a "aaa">]><r><item><id>&a;</id></item></r>', "defines entities of its own"),
        (
            '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r><item><id>&a;</id></item></r>',
            "entities of its own",
        ),
        ("<!DOCTYPE html><html><body>Log in</body></html>", r"is a web page \(HTML\)"),
        ("\n<html lang='en'><head></head></html>", r"is a web page \(HTML\)"),
        ("<table><tr><td>id</td></tr></table>", r"is a web page \(HTML\)"),
        ('<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "Excel's XML format of 2003"),
    ],
)
def test_what_is_no_feed_is_refused_in_a_sentence(load, text, words):
    with pytest.raises(SourceError, match=words) as error:
        load(text)
    assert "source.csv'" in str(error.value)
