"""Rules and gates as data: what a product's attributes must agree with, and what each batch is judged by."""
