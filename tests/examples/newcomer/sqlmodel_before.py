from datetime import datetime

from sqlalchemy import func
from sqlmodel import Field, Relationship, SQLModel


class Team(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=50)
    users: list["User"] = Relationship(back_populates="team")


class User(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(max_length=120)
    name: str = Field(max_length=50)
    nickname: str | None = Field(default=None, max_length=20)
    points: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    created: datetime = Field(sa_column_kwargs={"server_default": func.now()})
    team_id: int | None = Field(default=None, foreign_key="team.id")
    team: Team | None = Relationship(back_populates="users")


class Draft(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    text: str | None = Field(default=None, max_length=200)
