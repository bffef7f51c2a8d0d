"""The quality report: one self-contained HTML file that shows how good a batch is, also to people without this project.

`records` looks up a batch's verdict and reference figures; `gather` collects the figures (`contents`) and the products
to show (`products`), some batches at a time, with `running_totals`; `charts` draws, `page` fills the template
`report.html.j2`, and `write` runs all of it for one file.
"""
