"""Figures: declared once as data, drawn as SVG, PNG or PDF in Chinese and English."""
