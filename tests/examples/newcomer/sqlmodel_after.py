from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Text, func
from sqlmodel import Field, Relationship, SQLModel


class Team(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=80, unique=True)
    users: list["User"] = Relationship(back_populates="team")


class User(SQLModel, table=True):
    __table_args__ = (CheckConstraint("points >= 0", name="points_not_negative"),)

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(max_length=120, index=True)
    full_name: str = Field(max_length=50)
    bio: str | None = Field(default=None, sa_type=Text)
    country: str = Field(max_length=2)
    points: int = Field(default=10, sa_column_kwargs={"server_default": "10"})
    created: datetime | None = Field(sa_column_kwargs={"server_default": func.now()})
    team_id: int | None = Field(default=None, foreign_key="team.id", ondelete="CASCADE")
    team: Team | None = Relationship(back_populates="users")


class Payment(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    amount: Decimal = Field(max_digits=10, decimal_places=2)
