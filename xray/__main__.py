from xray.cli import app

app()
