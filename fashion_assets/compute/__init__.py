"""Where a batch is computed: in this process, or on a Databricks cluster, by the same function.

An asset passes its task and a function that computes it locally. A cluster runs the same function, which
`app/cluster.py` finds by the asset's name; only the transport differs.
"""
