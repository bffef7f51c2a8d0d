import numpy as np
import pytest
from PIL import Image

from fashion_assets.errors import SearchError
from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.search.index.versions import INDEXES
from fashion_assets.search.query.filters import Filters
from fashion_assets.search.query.search import MAX_LIMIT, example_search, search, search_vector
from fashion_assets_tests.factories.embedding_rows import color_rows, random_rows, rows_of, without_photos

ENCODER = FakeEncoder()


def photo(color):
    return Image.new("RGB", (4, 4), color)


def texts(*colors):
    return ENCODER.embed_texts(colors)


@pytest.fixture
def every_column_its_own(open_index):
    """Two products; in each vector column another colour is product 1's, and the rest are product 2's."""
    return open_index(
        rows_of(
            {
                "image_embedding": texts("red", "white"),
                "text_embedding": texts("green", "white"),
                "hybrid_embedding": texts("blue", "white"),
                "text_embedding_enriched": texts("yellow", "white"),
                "hybrid_embedding_enriched": texts("black", "white"),
            }
        )
    )


@pytest.mark.parametrize(
    ("index", "color"), list(zip(INDEXES, ["red", "green", "blue", "yellow", "black"], strict=True))
)
def test_each_index_searches_its_own_column(every_column_its_own, index, color):
    best, _ = search(every_column_its_own, ENCODER, text=color, index=index)
    assert best.product_id == 1
    assert best.score == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"text": "red"}, "vs_hybrid_search_enriched"),
        ({"photo": photo("red")}, "vs_image_search"),
        ({"text": "red", "photo": photo("blue")}, "vs_hybrid_search_enriched"),
    ],
)
def test_the_default_index_fits_the_query(every_column_its_own, query, index):
    by_default = search(every_column_its_own, ENCODER, **query)
    assert by_default == search(every_column_its_own, ENCODER, index=index, **query)


def test_the_score_is_the_cosine_and_the_best_comes_first(open_index):
    hits = search(open_index(color_rows("blue", "black", "red")), ENCODER, text="red dress")
    assert [hit.product_id for hit in hits] == [3, 2, 1]
    assert [hit.score for hit in hits] == pytest.approx([1, 0.7071, 0.5], abs=1e-4)


def test_text_and_photo_together_search_their_middle(open_index):
    hits = search(open_index(color_rows("red", "blue", "white")), ENCODER, text="red", photo=photo("blue"))
    middle = np.array([0.5, 0, 0.5, 1]) / np.sqrt(1.5)
    expected = [float(texts(color)[0] @ middle) for color in ("red", "blue", "white")]
    assert {hit.product_id: hit.score for hit in hits} == pytest.approx(dict(enumerate(expected, 1)), abs=1e-4)


def test_a_hit_shows_the_product(open_index):
    shown = {
        "product_display_name": "Polo",
        "master_category": "Apparel",
        "sub_category": "Topwear",
        "article_type": "Shirts",
        "base_color": "Red",
        "gender": "Men",
        "season": None,
        "usage": "Casual",
        "price": 9.5,
        "image_path": "1.jpg",
    }
    table = open_index(color_rows("red", **{name: [value] for name, value in shown.items()}))
    (hit,) = search(table, ENCODER, text="red")
    assert {name: getattr(hit, name) for name in shown} == shown
    assert (hit.product_id, hit.description) == (1, "red shirt")


def test_a_rare_filter_still_finds_all_it_leaves(open_index):
    genders = ["Girls" if number % 300 == 7 else "Men" for number in range(1200)]
    table = open_index(random_rows(1200, gender=genders))
    vector = np.eye(16)[0]
    hits = search_vector(table, vector, index="vs_text_search", filters=Filters(gender=("Girls",)))
    assert sorted(hit.product_id for hit in hits) == [7, 307, 607, 907]


def test_any_allowed_limit_is_filled(open_index):
    """34 is the first limit for which LanceDB's search needs more breadth than the default's."""
    table = open_index(random_rows(MAX_LIMIT + 1))
    for limit in (1, 33, 34, MAX_LIMIT):
        assert len(search_vector(table, np.eye(16)[0], index="vs_image_search", limit=limit)) == limit


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1])
def test_a_limit_out_of_range_is_refused(red_table, limit):
    with pytest.raises(
        SearchError, match=f"limit {limit} is out of range, but it must be from 1 to 1000; ask for 1 to 1000"
    ):
        search(red_table, ENCODER, text="red", limit=limit)


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_an_empty_query_is_refused(red_table, text):
    with pytest.raises(
        SearchError, match="is empty, but it needs a word or a photo; give a text with words in it, or a photo"
    ):
        search(red_table, ENCODER, text=text)


def test_an_unknown_index_names_the_known_ones(red_table):
    with pytest.raises(
        SearchError, match="no index 'vs_nothing', but a search reads one of vs_image_search, vs_text_search,"
    ):
        search(red_table, ENCODER, text="red", index="vs_nothing")


def test_a_query_of_another_model_is_refused(red_table):
    with pytest.raises(
        SearchError, match=r"by 'other-weights', but the index holds vectors of 'fake-colors'.*re-embed"
    ):
        search(red_table, FakeEncoder("other-weights"), text="red")


@pytest.mark.parametrize(
    ("vector", "words"),
    [
        (np.zeros(4), "zero or not finite.*embed the query again"),
        (np.full(4, np.nan), "zero or not finite"),
        (np.full(4, np.inf), "zero or not finite"),
        (np.ones(3), r"shape \(3,\), but the index holds vectors of 4 numbers; embed the query with"),
        (np.ones((1, 4)), r"shape \(1, 4\)"),
    ],
)
def test_a_vector_that_is_near_to_nothing_is_refused(red_table, vector, words):
    with pytest.raises(SearchError, match=words):
        search_vector(red_table, vector, index="vs_text_search")


def test_excluded_products_make_room_for_the_next_ones(open_index):
    table, vector = open_index(random_rows(1200)), np.eye(16)[0]

    def found(**options):
        return [hit.product_id for hit in search_vector(table, vector, index="vs_text_search", **options)]

    first_forty = found(limit=40)
    assert found(excluded_ids=first_forty[:20]) == first_forty[20:]
    assert sorted(found(excluded_ids=range(1190))) == list(range(1190, 1200))
    assert found(excluded_ids=range(1200)) == []
    assert found(excluded_ids=[-1, 99999]) == found(excluded_ids=()) == first_forty[:20]


def test_exclusion_and_filters_both_hold(open_index):
    table = open_index(color_rows("red", "red", "blue", gender=["Men", "Women", "Men"]))
    hits = search(table, ENCODER, text="red", filters=Filters(gender=("Men",)), excluded_ids={1})
    assert [hit.product_id for hit in hits] == [3]


def test_the_example_is_the_first_product_with_a_vector_and_its_neighbours(open_index):
    table = open_index(without_photos(color_rows("white", "red", "blue", "red"), 1))
    assert [hit.product_id for hit in example_search(table, "vs_text_search", limit=1)] == [1]
    of_photo = example_search(table, "vs_image_search")
    assert ({hit.product_id for hit in of_photo[:2]}, [hit.product_id for hit in of_photo[2:]]) == ({2, 4}, [3])
    assert [hit.score for hit in of_photo] == pytest.approx([1, 1, 0.5], abs=1e-4)


def test_an_index_without_vectors_has_no_example(open_index):
    assert example_search(open_index(without_photos(color_rows("red"), 1)), "vs_image_search") == []
