"""Counts visits in a database."""
import os

import psycopg2
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def visit() -> dict[str, int]:
    with psycopg2.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("update visits set count = count + 1 returning count")
        return {"visits": cursor.fetchone()[0]}
