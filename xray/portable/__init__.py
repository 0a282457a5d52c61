"""Models as ONNX files for phones, browsers and other programs (see docs/onnx.md)."""
