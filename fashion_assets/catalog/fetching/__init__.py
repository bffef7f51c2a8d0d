"""Photos by web address: fetched once, kept by content, and asked for again only when they may have changed.

`fetch.py` is the whole of it. `addresses.py` and `hosts.py` decide what may be asked for, `connections.py` and
`requests.py` how one photo is asked for, `content.py` what is taken for a photo, `schedule.py` when a host is asked,
`cache.py`, `files.py` and `state.py` keep what came of it, `report.py` tells it. Which column has addresses, and what a
photo's pixels say, is decided elsewhere in the slice.

It works on httpcore, the transport of httpx, and not on httpx itself: the address that was checked must be the one that
is connected to, which is a matter of the transport (`network_backend`), and nothing of what httpx adds is wanted here:
redirects, cookies, proxies and passwords of the environment, and unlimited decompression.
"""
