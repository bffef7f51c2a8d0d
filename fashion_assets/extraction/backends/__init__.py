"""The interchangeable back ends of extraction: each answers a question about photos, behind one seam."""
