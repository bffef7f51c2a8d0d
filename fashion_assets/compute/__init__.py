"""Where a batch is computed: in this process, or on a Databricks cluster; what is computed is the same function.

An asset hands over its work and a function that does it here. A cluster does the same work by the same function, which
`app/cluster.py` finds by the asset's name; nothing but the transport differs.
"""
