"""What may be given to commands: each option's name and help, once for all that have it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

# Else help would show <bool> after what takes no value.
FLAG = ""

Data: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Directory for the key file and SQLite's file; ./drumbeat-data if not given.",
    ),
]
Database: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="sqlite:///FILE or postgresql://USER@HOST/NAME; a file in the data directory if "
        "not given.",
    ),
]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", metavar=FLAG, help="Print one line of JSON and nothing else.")
]
Account: TypeAlias = Annotated[
    int | None, typer.Option(metavar="ID", help="Whose; needed only where there are several.")
]

# init, user add -------------------------------------------------------------------------------

NewEmail: TypeAlias = Annotated[
    str, typer.Option(metavar="ADDRESS", help="The user's e-mail address.")
]
NewName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="The user's full name; guessed from the address if not given."
    ),
]
Timezone: TypeAlias = Annotated[
    str, typer.Option(metavar="ZONE", help="Time zone the user works in, like Europe/Lisbon.")
]
UserTimezone: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="ZONE",
        help="Time zone the user works in, like Europe/Lisbon; the account's if not given.",
    ),
]
NewAccount: TypeAlias = Annotated[
    bool,
    typer.Option("--new-account", metavar=FLAG, help="Add one more account to those there are."),
]

# serve ----------------------------------------------------------------------------------------

Host: TypeAlias = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Address to listen on; 127.0.0.1.")
]
Port: TypeAlias = Annotated[
    int | None, typer.Option(metavar="N", help="Port to listen on; 8787. 0 takes any that is free.")
]
ClockKind: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="system|movable[@TIME]",
        help="system, or movable for one that stands still until it is moved: "
        "movable@2026-03-02T08:00:00Z says where it first stands.",
    ),
]
Mail: TypeAlias = Annotated[
    Literal["real", "capture"] | None,
    typer.Option(help="real sends through the inboxes; with capture no mail ever leaves."),
]
Role: TypeAlias = Annotated[
    Literal["all", "web", "worker"] | None,
    typer.Option(help="Answer requests, work on what is due (as `work` does), or both."),
]
PublicUrl: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Where links in e-mails lead; else where it listens."),
]
Force: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--force", metavar=FLAG, help="A movable clock even where mail would leave by real inboxes."
    ),
]

# token ----------------------------------------------------------------------------------------

User: TypeAlias = Annotated[str, typer.Option(metavar="EMAIL", help="The user, by e-mail address.")]
Scopes: TypeAlias = Annotated[
    str, typer.Option(metavar="A,B|all", help="What the token may be used for.")
]

# inbox ----------------------------------------------------------------------------------------

InboxEmail: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="The inbox's address; the user's own if not given."),
]
Inbox: TypeAlias = Annotated[str, typer.Argument(metavar="EMAIL", help="The inbox's address.")]
Smtp: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="smtp:// or smtps://user:password@host:port, both percent-encoded.",
    ),
]
SmtpFile: TypeAlias = Annotated[
    typer.FileText | None,
    typer.Option(
        metavar="FILE",
        help="A file with that URL in it, or - for standard input: what stands on the command "
        "line can be seen by everyone on this machine.",
    ),
]
Aliases: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--alias", metavar="ADDRESS", help="Mail may go out as this too. Repeatable."),
]
SenderName: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The name beside the address; the user's if not given."),
]
DailyCap: TypeAlias = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="The most e-mails in any 24 hours.")
]
Gap: TypeAlias = Annotated[
    float | None,
    typer.Option(min=0, metavar="SECONDS", help="The least time between two e-mails."),
]

# enroll, calendar -----------------------------------------------------------------------------

Sequence: TypeAlias = Annotated[int, typer.Option(metavar="ID", help="The sequence's number.")]
People: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--csv", metavar="FILE", help="A CSV file with a column named email, or - for input."
    ),
]
SomePeople: TypeAlias = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", help="A CSV file with a column named email."),
]
Contacts: TypeAlias = Annotated[
    list[str] | None, typer.Option(metavar="ADDRESS", help="A contact's address. Repeatable.")
]
SenderEmail: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="The inbox to send from; the user's own if not given."),
]
StartAt: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help="When it begins: 2026-03-05T09:00, perhaps with a zone. Else at once."
    ),
]
StartStep: TypeAlias = Annotated[
    int, typer.Option(min=0, metavar="N", help="The step that it begins with.")
]
BeginningZone: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--timezone", metavar="ZONE", help="Whose windows and days count; else the user's."
    ),
]
ByDay: TypeAlias = Annotated[
    bool, typer.Option("--by-day", metavar=FLAG, help="One line for each day, not for each step.")
]

# sequences ------------------------------------------------------------------------------------

Directory: TypeAlias = Annotated[
    Path, typer.Argument(metavar="DIR", help="The directory of the files.", file_okay=False)
]
NewDirectory: TypeAlias = Annotated[
    Path,
    typer.Argument(metavar="DIR", help="The directory; it is made if need be.", file_okay=False),
]
SomeSequences: TypeAlias = Annotated[
    list[int] | None,
    typer.Option("--sequence", metavar="ID", help="Only this one. Repeatable."),
]
OwnerOfNew: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--user",
        metavar="EMAIL",
        help="Whose the new ones are; needed only where there are several users.",
    ),
]

# holidays -------------------------------------------------------------------------------------

Regions: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--region",
        metavar="CODE",
        help="A country, or a part of one: DE, DE-BY, US-CA. Repeatable.",
    ),
]
Dates: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--date", metavar="DAY", help="A day of your own: 2026-12-24. Repeatable."),
]
OfUser: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--user", metavar="EMAIL", help="For whom this user enrolls; for everyone if not given."
    ),
]
OfSequence: TypeAlias = Annotated[
    int | None,
    typer.Option("--sequence", metavar="ID", help="For whoever is in this sequence."),
]
Year: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1970, max=2100, metavar="N", help="Which year; this one if not given."),
]

# contacts, demo -------------------------------------------------------------------------------

Csv: TypeAlias = Annotated[
    Path, typer.Argument(metavar="FILE.csv", help="A CSV file in UTF-8, or - for standard input.")
]
Exit: TypeAlias = Annotated[
    bool,
    typer.Option("--exit", metavar=FLAG, help="End when the story is told, instead of serving on."),
]
DemoPort: TypeAlias = Annotated[
    int,
    typer.Option(
        min=0, max=65535, metavar="N", help="Port to listen on; 0 takes any that is free."
    ),
]

# doctor ---------------------------------------------------------------------------------------

Offline: TypeAlias = Annotated[
    bool,
    typer.Option("--offline", metavar=FLAG, help="Ask neither mail servers nor name servers."),
]
Resolver: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS[:PORT]", help="The name server to ask; this machine's if not given."
    ),
]
DkimSelectors: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="What the domains' DKIM keys are called; usual names are tried if not given. "
        "Repeatable.",
    ),
]
Patience: TypeAlias = Annotated[
    float,
    typer.Option(
        min=0.1, max=600, metavar="SECONDS", help="How long to wait for each answer of a server."
    ),
]

# backup ---------------------------------------------------------------------------------------

BackupPlace: TypeAlias = Annotated[
    Path,
    typer.Argument(
        metavar="DIR|FILE",
        help="A directory, made if it is not there, that can be served from; or a file that ends "
        "in .db (PostgreSQL: .dump), the key beside it.",
    ),
]
Replace: TypeAlias = Annotated[
    bool, typer.Option("--force", metavar=FLAG, help="Replace a backup that is there already.")
]
