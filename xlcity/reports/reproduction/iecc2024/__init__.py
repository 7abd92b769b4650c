"""International Exchange Centre Cities Index, 2024: data, synthetic filling and comparisons."""
