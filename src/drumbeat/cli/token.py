"""`drumbeat token create`: one more token for a user."""

from __future__ import annotations

from drumbeat.cli.opening import account_of, opened, refuse_without_account
from drumbeat.cli.saying import counted, remark, say, say_json
from drumbeat.settings import Settings

EVERY_SCOPE = "all"


def create_token(
    settings: Settings, *, account: int | None, email: str, scopes: str, as_json: bool
) -> None:
    """Print a new token, alone on standard output so that a script can take it."""
    with opened(settings) as engine:
        refuse_without_account(engine)
        whose = None if account is None else account_of(engine, account)
        created = engine.access.create_token(email=email, scopes=named_in(scopes), account_id=whose)
    if as_json:
        say_json(
            {
                "accountId": str(created.user.account_id),
                "userId": str(created.user.id),
                "email": created.user.email,
                "scopes": sorted(created.scopes),
                "token": created.token,
            }
        )
    else:
        granted = counted(len(created.scopes), "scope")
        remark(f"A token for {created.user.email} with {granted}; it is shown only now:")
        say(created.token)


def named_in(scopes: str) -> list[str] | None:
    """The scopes, None for all of them."""
    if scopes.strip() == EVERY_SCOPE:
        return None
    return [scope for scope in scopes.replace(",", " ").split() if scope]
