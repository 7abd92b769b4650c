"""International exchange centre cities index, 2024: data, synthetic filling and comparisons."""
