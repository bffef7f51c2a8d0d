"""The review page: people look at products, correct or confirm them, and label a random sample.

`queues` says what to look at and in which order, `audit` draws the sample and keeps its labels, `product` is what the
page knows about one product, `session` takes the answers, `app` serves it all on the loopback interface, and `page/` is
what the browser gets. Corrections themselves belong to `quality/corrections.py`.
"""

LOOPBACK_NAMES = ("127.0.0.1", "localhost")
"""The names under which the page may be served, and asked for."""
