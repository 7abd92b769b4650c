"""A report's dataset with a few of its cities."""

from dataclasses import replace

from xlcity.model.dataset import Dataset


def of_cities(data: Dataset, cities: tuple[str, ...]) -> Dataset:
    """Return the dataset of some cities, in this order, with the links among them."""
    rows = [data.row(city) for city in cities]
    links = {
        code: tuple(link for link in of if {link.start, link.end} <= set(cities))
        for code, of in data.links.items()
    }
    return replace(
        data,
        units=tuple(data.units[row] for row in rows),
        values=data.values[rows],
        states=data.states[rows],
        basis=data.basis[rows],
        links=links,
    )
