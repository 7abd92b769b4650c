"""Belt and Road city connectivity index, 2021: data, synthetic links and comparisons."""
