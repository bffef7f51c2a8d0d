"""Shapes of tables: from the records of any shop's table to offers in our columns."""
