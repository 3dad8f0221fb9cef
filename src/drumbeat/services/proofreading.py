"""Reading the e-mails of a sequence before anybody gets one: what they lack, and for whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from drumbeat import rendering
from drumbeat.domain import planner
from drumbeat.domain.contact import Contact
from drumbeat.domain.launch_findings import Code, LaunchFinding, Severity, error
from drumbeat.domain.personalization import Values, values_for
from drumbeat.domain.planner import Way
from drumbeat.domain.sender import Sender
from drumbeat.domain.sequence import Definition, EmailContent, EmailStep, contents_of
from drumbeat.domain.template import Template
from drumbeat.domain.user import User
from drumbeat.errors import Invalid
from drumbeat.services.authoring import pattern_of, refuse_unknown_tokens

# Every e-mail has one, whoever gets it.
SOME_LINK = "https://example.com/unsubscribe"
OF_SENDER = "sender."
# What they say is the same for every contact.
SHARED = (OF_SENDER, "owner.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who would get the e-mails, and the way that decides which."""

    contact: Contact
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """The e-mails of a sequence, as they are written for one user."""

    definition: Definition
    templates: Mapping[int, Template]
    user: User
    sender: Sender
    has_sender: bool
    """Whether that is the sender they would go out from, and not only stands for one."""

    def of_templates(self) -> Iterator[LaunchFinding]:
        """What is wrong with a template whoever it is for."""
        for step in self.definition.steps:
            seen: set[int] = set()
            for content in contents_of(step):
                template_id = content.template_id
                if template_id is None or template_id in seen:
                    continue
                seen.add(template_id)
                field = f"steps[{step.order}].{pattern_of(content)}.templateId"
                template = self.templates.get(template_id)
                if template is None:
                    text = f"there is no template {template_id}"
                    yield error(Code.TEMPLATE_MISSING, text, step_order=step.order, field=field)
                elif isinstance(content, EmailContent):
                    yield from of_template(template, step.order, field)

    def of_values(self, readers: Sequence[Reader], *, is_given: bool) -> Iterator[LaunchFinding]:
        """The tokens that have no value for some of these readers, and no default."""
        lacking: dict[tuple[int, str], list[int]] = defaultdict(list)
        for reader in readers:
            values = values_for(reader.contact, self.user, self.sender)
            for order, token in self.missing(reader.way, values):
                lacking[order, token].append(reader.contact.id)
        for (order, token), ids in sorted(lacking.items()):
            yield self.lacks(order, token, ids, len(readers), is_given=is_given)

    def missing(self, way: Way, values: Values) -> Iterator[tuple[int, str]]:
        """Each step's order with a token that would hold its e-mail."""
        for step in self.definition.steps:
            content = planner.content_for(step, way) if isinstance(step, EmailStep) else None
            template = self.templates.get(content.template_id or 0) if content else None
            if template is None:
                continue
            subject, body = template.subject, template.body
            try:
                tokens = rendering.missing_tokens(subject, body, values, unsubscribe_url=SOME_LINK)
            except Invalid:
                # of_templates has said what is wrong with it.
                continue
            for token in tokens:
                if self.has_sender or not token.startswith(OF_SENDER):
                    yield step.order, token

    def lacks(
        self, order: int, token: str, ids: Sequence[int], of: int, *, is_given: bool
    ) -> LaunchFinding:
        field = f"steps[{order}].emailPattern.templateId"
        if token.startswith(SHARED):
            text = f"{token} has no value and no default: every e-mail of this step would be held"
            return error(Code.TOKEN_WITHOUT_VALUE, text, step_order=order, field=field)
        among = f"{len(ids):,} of the {of:,} {'' if is_given else 'newest '}contacts"
        return LaunchFinding(
            severity=Severity.ERROR if is_given else Severity.WARNING,
            code=Code.TOKEN_WITHOUT_VALUE,
            message=f"{token} has no value for {among}, and no default: the e-mail would be held",
            step_order=order,
            field=field,
            contact_ids=tuple(ids) if is_given else None,
        )


def of_template(template: Template, order: int, field: str) -> Iterator[LaunchFinding]:
    try:
        tokens = rendering.check(template.subject, template.body)
    except Invalid as invalid:
        text = f"template {template.id} cannot be used: {invalid}"
        yield error(Code.TEMPLATE_INVALID, text, step_order=order, field=field)
        return
    try:
        refuse_unknown_tokens(tokens)
    except Invalid as invalid:
        for fault in invalid.faults:
            yield error(Code.TOKEN_UNKNOWN, fault.message, step_order=order, field=field)
