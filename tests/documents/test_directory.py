"""A directory of files, read together."""

from __future__ import annotations

import pytest

from drumbeat.documents.directory import Directory, read_directory
from drumbeat.errors import FileFault, Invalid

SEQUENCE = "name: Leads\nsteps:\n  - kind: email\n    template: {}\n"
TEMPLATE = "---\nname: Opener\n---\n<p>Hello</p>\n"


def directory_of(**files: str) -> Directory:
    return read_directory({path: text.encode() for path, text in files.items()})


def faults_in(files: dict[str, str]) -> list[tuple[str, int | None, str]]:
    with pytest.raises(Invalid) as refused:
        directory_of(**files)
    found = [fault for fault in refused.value.faults if isinstance(fault, FileFault)]
    return [(fault.file, fault.line, fault.message) for fault in found]


@pytest.mark.parametrize(
    ("path", "name", "template"),
    [
        ("leads.yaml", "templates/opener.html", "templates/opener.html"),
        ("leads.yml", "./templates//opener.html", "templates/opener.html"),
        ("sales/leads.yaml", "../templates/opener.html", "templates/opener.html"),
        ("sales/leads.yaml", "opener.html", "sales/opener.html"),
    ],
)
def test_a_template_is_named_as_seen_from_the_sequence(path: str, name: str, template: str) -> None:
    directory = directory_of(**{path: SEQUENCE.format(name), template: TEMPLATE})

    assert list(directory.templates) == [template]


def test_two_sequences_may_share_a_template() -> None:
    leads = SEQUENCE.format("opener.html")

    directory = directory_of(**{"a.yaml": leads, "b.yaml": leads, "opener.html": TEMPLATE})

    assert len(directory.sequences) == 2
    assert list(directory.templates) == ["opener.html"]


def test_what_no_sequence_names_is_left_alone() -> None:
    directory = directory_of(
        **{"spare.html": TEMPLATE, "index.html": "<html>", "broken.html": "---\n"}
    )

    assert [file.path for file in directory.unused] == ["spare.html"]
    assert directory.templates == {}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("12", "names a template by its file, such as templates/12.html, not by its id"),
        ("../opener.html", "leads out of the directory"),
        ("/etc/opener.html", "leads out of the directory"),
        ("gone.html", "there is no file gone.html"),
        ("opener.txt", "a template is a file that ends in .html"),
    ],
)
def test_a_name_that_is_no_template_is_told_where_it_stands(name: str, why: str) -> None:
    assert faults_in({"leads.yaml": SEQUENCE.format(name)}) == [("leads.yaml", 4, why)]


def test_every_fault_in_every_file_is_told_in_order() -> None:
    told = faults_in(
        {
            "b.yaml": "name: x\nsteps:\n  - kind: emial\nname: y\n",
            "a.yaml": SEQUENCE.format("opener.html") + "sTeps: 1\n",
            "c.yaml": SEQUENCE.format("opener.html"),
            "opener.html": "no template",
        }
    )

    assert [(file, line) for file, line, _ in told] == [
        ("a.yaml", 5),
        ("b.yaml", 3),
        ("b.yaml", 4),
        ("opener.html", 1),
    ]
