"""A report as tables, figures and sentences: declared once, drawn as docx, HTML, xlsx and CSV."""
