"""Starting weights of an installed package, on a package that is written here."""

import pytest
import torch
from torch import nn

from xray.errors import XrayError
from xray.train.packaged import of_package


@pytest.fixture
def package(tmp_path, monkeypatch):
    def write(tensors):
        folder = tmp_path / "planted_model" / "models"
        folder.mkdir(parents=True)
        (folder.parent / "__init__.py").write_text("raise SystemExit('not imported')")
        torch.save(tensors, folder / "planted-0.pth")
        monkeypatch.syspath_prepend(tmp_path)
        return "planted_model"

    return write


def test_tensors_get_the_names_of_the_network_in_order(package):
    module = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    theirs = {f"other.{number}": value for number, value in enumerate(module.state_dict().values())}
    found = of_package(package(theirs), module)
    assert list(found) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert all(torch.equal(found[name], value) for name, value in module.state_dict().items())


def test_a_package_with_other_tensors_is_refused(package):
    with pytest.raises(XrayError, match="has 1 tensors, the network 2"):
        of_package(package({"weight": torch.zeros(2)}), nn.Linear(1, 1))


def test_a_missing_package_is_named_with_the_command_to_install_it():
    with pytest.raises(XrayError, match="not_there_model") as raised:
        of_package("not_there_model", nn.Linear(1, 1))
    assert "pip install not-there-model" in raised.value.hint
