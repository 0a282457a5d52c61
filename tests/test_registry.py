"""What a registry hands out, refuses and lists."""

import pytest

from xray.errors import InvalidRequest, ModelUnavailable
from xray.registry import Registry


def fruits(**options) -> Registry[int]:
    registry = Registry[int]("fruit", **options)
    for number, name in enumerate(("pear", "fig", "apple")):
        registry.add(name, number)
    return registry


def test_a_registry_is_a_mapping_in_the_order_of_registration():
    registry = fruits()
    assert list(registry.items()) == [("pear", 0), ("fig", 1), ("apple", 2)]
    assert (len(registry), "fig" in registry, "plum" in registry) == (3, True, False)
    assert (registry["apple"], registry.get("plum")) == (2, None)


def test_an_explicit_order_comes_first_and_ignores_what_is_not_registered():
    assert list(fruits(order=("apple", "plum", "pear"))) == ["apple", "pear", "fig"]


def test_an_unknown_name_raises_the_chosen_error_and_lists_the_known_ones():
    with pytest.raises(InvalidRequest, match=r"^There is no fruit 'plum'\. Known: apple, pear, fig\.$"):
        fruits(order=("apple",))["plum"]
    with pytest.raises(ModelUnavailable):
        fruits(error=ModelUnavailable)["plum"]


def test_a_duplicate_is_refused_and_changes_nothing():
    registry = fruits()
    with pytest.raises(ValueError, match="expected a new name for a fruit, got 'fig'"):
        registry.add("fig", 7)
    assert registry["fig"] == 1


def test_the_decorator_registers_what_it_decorates():
    registry = Registry("function")

    @registry.register("double")
    def double(value):
        return 2 * value

    assert registry["double"] is double


def test_a_temporary_item_is_gone_after_a_failure():
    registry = fruits()

    def fail() -> None:
        with registry.temporarily("fig", 7), registry.temporarily("plum", 8):
            assert (registry["fig"], registry["plum"]) == (7, 8)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert dict(registry) == {"pear": 0, "fig": 1, "apple": 2}


def test_a_failed_registration_of_several_items_leaves_none():
    registry = fruits()

    def add_two() -> None:
        with registry.undone_after_failure():
            registry.add("plum", 8)
            registry.add("fig", 7)

    with pytest.raises(ValueError, match="fig"):
        add_two()
    assert list(registry.items()) == [("pear", 0), ("fig", 1), ("apple", 2)]
    with registry.undone_after_failure():
        registry.add("plum", 8)
    assert registry["plum"] == 8
