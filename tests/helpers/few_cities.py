"""A report's dataset with a few of its cities."""

from collections.abc import Collection
from dataclasses import replace

from xlcity.model.dataset import Dataset


def of_cities(data: Dataset, cities: Collection[str]) -> Dataset:
    """Return the dataset of some cities, in this order, their items and the links among them."""
    rows = [data.row(city) for city in cities]
    items = {
        code: tuple(item for item in of if item.unit in cities)
        for code, of in data.items.items()
    }
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
        items=items,
        links=links,
    )
