"""The encoding of a text file: by its mark, by its content, or as stated."""

import codecs

import pytest

from fashion_assets.catalog.reading import TableFormat
from fashion_assets.errors import SourceError

FRENCH = "id,name,price\n1,Crème Brûlée Polo,19.90 €\n2,Café Racer Jacket,49\n3,Plain Belt,5\n"
GERMAN = "id,name,price\n1,Größe 38 für Damen,5\n2,Gürtel „Sommer“,5\n"
POLISH = "id,name\n1,Sukienka żółta w kwiaty\n2,Spódnica długa, świetna\n3,Buty męskie łódź\n".replace("a, ś", "a ś")
RUSSIAN = "id,name\n1,Рубашка мужская синяя\n2,Платье летнее\n"
GREEK = "id,name\n1,Φόρεμα καλοκαιρινό\n2,Πουκάμισο\n"
JAPANESE = "id,name\n1,赤いシャツ\n2,青いドレス ワンピース\n"
CHINESE = "id,name\n1,红色衬衫\n2,蓝色连衣裙 夏季\n"
KOREAN = "id,name\n1,빨간 셔츠\n2,파란 드레스\n"


def names(text: str) -> list[str]:
    return [line.split(",")[1] for line in text.splitlines()[1:]]


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [
        (FRENCH, "cp1252", "Windows-1252"),
        (GERMAN, "cp1252", "Windows-1252"),
        ("id,name\n1,Café\n", "cp1252", "Windows-1252"),
        ("id,name\n1,50 £ each\n2,Señora ¿qué?\n", "cp1252", "Windows-1252"),
        (FRENCH.replace(" €", ""), "mac_roman", "Mac Roman"),
        (FRENCH.replace(" €", ""), "cp850", "CP850"),
        (POLISH, "cp1250", "Windows-1250"),
        ("id,name\n1,Kırmızı elbise\n2,Gömlek yeşil şık\n", "cp1254", "Windows-1254"),
        ("id,name\n1,Rauður kjóll úr ull\n2,Þykk peysa, ný\n".replace("a, n", "a n"), "cp1252", "Windows-1252"),
        (
            "id,name\n1,Rochie albastră şi lungă\n2,Cămaşă cu mânecă scurtă, bărbaţi\n".replace("ă, b", "ă b"),
            "cp1250",
            "Windows-1250",
        ),
        ("id,name\n1,Talla nº 38\n2,Señora Mª José ¿qué?\n", "cp1252", "Windows-1252"),
        (RUSSIAN, "cp1251", "Windows-1251"),
        (GREEK, "cp1253", "Windows-1253"),
        (JAPANESE, "shift_jis", "SHIFT-JIS"),
        (CHINESE, "gb18030", "GB18030"),
        (KOREAN, "euc_kr", "EUC-KR"),
        (FRENCH, "utf-16", "UTF-16"),
        (CHINESE, "utf-16", "UTF-16"),
        (FRENCH, "utf-32", "UTF-32"),
        (FRENCH, "utf-16-le", "UTF-16-LE"),
        (FRENCH, "utf-16-be", "UTF-16-BE"),
    ],
)
def test_the_encoding_is_found_and_named_once(load, text, encoding, label):
    read = load(text.encode(encoding))
    assert read.of("name") == names(text)
    assert read.notes == (f"Read as {label} (it is not UTF-8).",)


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8, codecs.BOM_UTF8 * 2])
@pytest.mark.parametrize("text", [FRENCH, CHINESE])
def test_utf_8_needs_no_note_with_a_mark_or_without(load, text, mark):
    read = load(mark + text.encode())
    assert (read.columns[0], read.of("name"), read.notes) == ("id", names(text), ())


def test_a_few_bad_bytes_in_utf_8_are_problems_of_their_rows(load):
    read = load("id,name\n1,Crème brûlée\n".encode() + b"2,caf\xe9\n3,ok\n")
    assert read.rows == [("1", "Crème brûlée"), (None, None), ("3", "ok")]
    assert read.problems == [None, "byte 0xe9 is not UTF-8; save the source as UTF-8", None]
    assert read.raws[1] == "2,caf\\xe9"
    assert read.notes == ()


def test_a_stated_encoding_wins(load):
    assert load("id,name\n1,Łódź\n".encode("iso8859_2"), TableFormat("iso-8859-2")).of("name") == ["Łódź"]
    assert load("id,name\n1,Crème\n".encode(), TableFormat("latin-1")).of("name") == ["CrÃ¨me"]
    assert load("id,name\n1,Crème\n".encode("utf-8-sig"), TableFormat("UTF8")).columns == ("id", "name")
    assert load("id,name\n1,Crème\n".encode("utf-16"), TableFormat("utf-16")).of("name") == ["Crème"]
    assert load("id,name\n1,Crème\n".encode("utf-16-be"), TableFormat("utf-16")).of("name") == ["Crème"]


@pytest.mark.parametrize(
    ("stated", "content", "words"),
    [
        ("utf-8", FRENCH.encode("cp1252"), "source.csv' cannot be decoded as UTF-8"),
        ("ascii", FRENCH.encode("cp1252"), "source.csv' cannot be decoded as ASCII"),
        ("utf-16", FRENCH.encode(), "source.csv' cannot be decoded as UTF-16"),
        ("klingon", b"id\n1\n", "stated as 'klingon', but it must be one that Python knows"),
        ("rot13", b"id\n1\n", "stated as 'rot13', but it must be one that Python knows"),
    ],
)
def test_a_wrong_statement_is_one_sentence(load, stated, content, words):
    with pytest.raises(SourceError) as error:
        load(content, TableFormat(stated))
    assert words in str(error.value)
