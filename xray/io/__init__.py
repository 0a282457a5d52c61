"""Reading and writing files. read_radiograph converts the bytes of a file to a Radiograph."""

from xray.io.decode import read_radiograph

__all__ = ["read_radiograph"]
