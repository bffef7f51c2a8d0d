"""Rules as data: what a product's attributes must agree with, what each batch is judged by, and what became worse."""
