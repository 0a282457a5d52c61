"""The door for files: read_radiograph turns the bytes of one into a Radiograph."""

from xray.io.decode import read_radiograph

__all__ = ["read_radiograph"]
