"""Vitality index of Chinese cities in international communication, 2014: its own comparisons."""
