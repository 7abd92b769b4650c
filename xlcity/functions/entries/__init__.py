"""Registry entries, one module per step of the work; `registry` collects them."""
