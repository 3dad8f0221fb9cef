"""`drumbeat sequences …`: what is printed, what is written, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.programs import Home, Outcome

LEADS = """\
name: New leads
steps:
  - kind: email
    template: templates/opener.html
  - kind: task
    delay: P1D
    type: CALL
"""
OPENER = "---\nname: Opener\nsubject: Hello\n---\n<p>Hello</p>\n<p>Ada</p>\n"


@pytest.fixture
def begun(home: Home) -> Home:
    home.init()
    (home.directory / "files/templates").mkdir(parents=True)
    home.written("files/leads.yaml", LEADS)
    home.written("files/templates/opener.html", OPENER)
    return home


def edit(home: Home, name: str, before: str, after: str) -> None:
    path = home.directory / name
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def contents(directory: Path) -> dict[str, bytes]:
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


def applied(home: Home) -> Outcome:
    done = home.run("sequences", "apply", "files")
    assert done.status == 0, done.err
    return done


def test_a_plan_tells_what_is_new_and_ends_with_2(begun: Home) -> None:
    before = contents(begun.directory / "files")

    done = begun.run("sequences", "plan", "files")

    assert done.out.splitlines() == [
        "templates/opener.html: a new template would be made",
        "leads.yaml: a new sequence would be made",
        "Applying would make 1 sequence and 1 template.",
    ]
    assert (done.status, done.err) == (2, "")
    assert contents(begun.directory / "files") == before


def test_what_was_applied_is_told_and_then_nothing_would_change(begun: Home) -> None:
    done = applied(begun)
    again = begun.run("sequences", "plan", "files")

    assert done.out.splitlines() == [
        "templates/opener.html: template 1 created",
        "leads.yaml: sequence 1 created, version 1",
        "2 files now say what they are in this account; keep them with the others.",
    ]
    assert (again.out, again.status) == ("Nothing would change.\n", 0)


def test_a_plan_tells_each_change(begun: Home) -> None:
    applied(begun)
    edit(begun, "files/leads.yaml", "P1D", "P2D")
    edit(begun, "files/templates/opener.html", "Ada", "Grace")

    done = begun.run("sequences", "plan", "files")

    assert done.out.splitlines() == [
        "templates/opener.html: template 1 would be changed, and with it every e-mail not yet sent",
        "  body is not as it was",
        "    @@ -1,2 +1,2 @@",
        "     <p>Hello</p>",
        "    -<p>Ada</p>",
        "    +<p>Grace</p>",
        "leads.yaml: sequence 1 would get version 2",
        "  step 1 (task): delay is P2D, was P1D",
        "Applying would change 1 sequence and 1 template.",
    ]
    assert done.status == 2


def test_what_was_changed_elsewhere_is_told_before_it_is_undone(begun: Home) -> None:
    applied(begun)
    old = contents(begun.directory / "files")
    edit(begun, "files/leads.yaml", "P1D", "P2D")
    applied(begun)
    (begun.directory / "files/leads.yaml").write_bytes(old["leads.yaml"])

    lines = begun.run("sequences", "plan", "files").out.splitlines()

    assert lines[0] == "leads.yaml: sequence 1 would get version 3"
    assert lines[1].startswith("  somebody changed it in the account since version 1, last on ")
    assert lines[2:] == [
        "    step 1 (task): delay is P2D, was P1D",
        "  what these files would make of it:",
        "    step 1 (task): delay is P1D, was P2D",
        "Applying would change 1 sequence.",
    ]


def test_files_that_were_thrown_away_are_told_what_they_are(begun: Home) -> None:
    before = contents(begun.directory / "files")
    applied(begun)
    after = contents(begun.directory / "files")
    for path, raw in before.items():
        (begun.directory / "files" / path).write_bytes(raw)

    planned = begun.run("sequences", "plan", "files")
    done = applied(begun)

    assert planned.out.splitlines() == [
        "templates/opener.html: is template 1 already, and would be told so",
        "leads.yaml: is sequence 1 already, and would be told so",
        "Applying would tell 2 files what they are.",
    ]
    assert planned.status == 2
    assert "leads.yaml: sequence 1 found as the file has it, version 1" in done.out
    assert contents(begun.directory / "files") == after


def test_what_nothing_is_done_about_is_told(begun: Home) -> None:
    applied(begun)
    (begun.directory / "files/leads.yaml").unlink()

    done = begun.run("sequences", "plan", "files")

    assert done.out.splitlines() == [
        "Not in these files: sequence 1, New leads. It stays as it is.",
        "templates/opener.html: no sequence names it, and nothing is done with it",
        "Nothing would change.",
    ]
    assert done.status == 0


def test_faults_are_told_with_file_line_and_field_and_nothing_is_changed(begun: Home) -> None:
    edit(begun, "files/leads.yaml", "P1D", "P1M")
    begun.written("files/tabs.yaml", "name: Tabs\nsteps:\n\t- kind: email\n")

    done = begun.run("sequences", "apply", "files")

    assert done.faults == [
        "leads.yaml:6: steps[1].delay: has years or months, which have no fixed length; "
        "write days or weeks",
        "tabs.yaml:3: a tab stands where only spaces may; YAML is indented with spaces",
        "there are faults in the files, and nothing was changed",
    ]
    assert (done.status, done.out) == (1, "")
    assert begun.run("sequences", "list").out.startswith("0 sequences.")


def test_faults_are_facts_too(begun: Home) -> None:
    edit(begun, "files/leads.yaml", "kind: task", "kind: taks")

    done = begun.run("sequences", "plan", "files", "--json")

    [fault] = json.loads(done.out)["faults"]
    assert (fault["file"], fault["line"], fault["field"]) == ("leads.yaml", 5, "steps[1].kind")
    assert done.status == 1


def test_a_plan_is_facts_too(begun: Home) -> None:
    applied(begun)
    edit(begun, "files/leads.yaml", "P1D", "P2D")

    done = begun.run("sequences", "plan", "files", "--json")

    told = json.loads(done.out)
    assert told["changes"] is True
    assert told["sequences"] == [
        {
            "file": "leads.yaml",
            "id": "1",
            "doing": "change",
            "changes": [
                {
                    "path": "steps[1].delay",
                    "kind": "changed",
                    "before": "P1D",
                    "after": "P2D",
                    "text": "step 1 (task): delay is P2D, was P1D",
                }
            ],
            "drift": None,
            "version": 1,
        }
    ]
    assert [(each["file"], each["doing"]) for each in told["templates"]] == [
        ("templates/opener.html", "nothing")
    ]
    assert done.status == 2


def test_what_was_applied_is_facts_too(begun: Home) -> None:
    told = json.loads(begun.run("sequences", "apply", "files", "--json").out)

    assert told["sequences"] == [{"file": "leads.yaml", "id": "1", "version": 1, "doing": "create"}]
    assert told["written"] == ["templates/opener.html", "leads.yaml"]


def test_an_export_is_read_by_another_installation_as_the_same(begun: Home) -> None:
    applied(begun)
    begun.run("sequences", "export", "out")
    begun.init("grace@example.com", "--data", "other")

    there = begun.run("sequences", "apply", "out", "--data", "other")
    here = begun.run("sequences", "plan", "out")

    assert there.status == 0
    assert (here.out, here.status) == ("Nothing would change.\n", 0)
    assert begun.run("sequences", "plan", "out", "--data", "other").status == 0


def test_exported_again_the_files_are_the_same(begun: Home) -> None:
    applied(begun)
    first = begun.run("sequences", "export", "out")
    written = contents(begun.directory / "out")

    again = begun.run("sequences", "export", "out")

    assert first.out.splitlines()[-1] == "2 files written into out."
    assert again.out == "0 files written into out.\n"
    assert contents(begun.directory / "out") == written


def test_an_export_says_what_it_wrote_over(begun: Home) -> None:
    applied(begun)
    edit(begun, "files/leads.yaml", "P1D", "P2D")

    done = begun.run("sequences", "export", "files", "--json")

    assert json.loads(done.out) == {"written": ["leads.yaml"]}
    assert "P1D" in (begun.directory / "files/leads.yaml").read_text()


def test_files_keep_their_permissions_and_links(begun: Home) -> None:
    kept = begun.directory / "kept.yaml"
    leads = begun.directory / "files/leads.yaml"
    leads.rename(kept)
    kept.chmod(0o640)
    leads.symlink_to(kept)

    applied(begun)

    assert leads.is_symlink()
    assert "accounts:" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o640


def test_hidden_directories_are_not_looked_into(begun: Home) -> None:
    (begun.directory / "files/.github").mkdir()
    begun.written("files/.github/ci.yaml", "on: push\n")
    begun.written("files/.hidden.yaml", "on: push\n")

    assert applied(begun).status == 0


def test_whose_the_new_ones_are_is_asked_where_there_are_several_users(begun: Home) -> None:
    begun.init("grace@example.com", "--new-account")

    unsaid = begun.run("sequences", "apply", "files")
    done = begun.run("sequences", "apply", "files", "--account", "2", "--user", "grace@example.com")
    listed = begun.run("sequences", "list", "--account", "2", "--json")

    assert "say which one with --account" in unsaid.faults[0]
    assert done.status == 0
    told = json.loads(listed.out)
    assert [(each["name"], each["userId"]) for each in told["results"]] == [("New leads", "2")]
    assert told["mark"] in (begun.directory / "files/leads.yaml").read_text()


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_directory_that_is_not_there_is_one_line(begun: Home, command: str) -> None:
    done = begun.run("sequences", command, "nowhere")

    assert (done.faults, done.status) == (["drumbeat: there is no directory nowhere"], 1)
