"""What a report can be asked for besides single tables and figures."""

#: Documents, a slide, a picture of the ranking, and what stands for all tables or all figures.
OUTPUTS = (
    *("chapter", "profiles", "html", "slide", "picture"),
    *("tables", "figures", "sentences"),
)
