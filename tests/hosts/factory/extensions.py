"""What the app factory brings together."""

from __future__ import annotations

from flask_login import LoginManager, UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from intranet_people import IntranetPeople


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
login_manager = LoginManager()
people = IntranetPeople()


class Account(UserMixin, db.Model):  # type: ignore[misc,name-defined]
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    word: Mapped[str]


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load(id: str) -> Account | None:
    return db.session.get(Account, int(id))
