"""Migrations in an ASGI application: FastAPI, Starlette, Litestar, Quart, or none of them.

    app = FastAPI(lifespan=lifespan(migrator, mode="background"))
    app.add_middleware(MigrationGate, migrator=migrator)

Nothing here imports a framework. A lifespan and a gate that are handed the same migrator know of
each other through it.
"""

from asyncmigrate.asgi.gate import MigrationGate
from asyncmigrate.asgi.starting import Lifespan, lifespan

__all__ = ["Lifespan", "MigrationGate", "lifespan"]
