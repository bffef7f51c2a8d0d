"""The review page: people look at products, correct or confirm them, and label a random sample.

`queues` orders the products to review, `product` describes one product for the page, `session` records the answers,
`app` serves it all on the loopback interface, and `page/` is the browser's part. Corrections and the random audit are
in `quality/labels/`.
"""

LOOPBACK_NAMES = ("127.0.0.1", "localhost")
"""The host names under which the page may be served and requested."""
