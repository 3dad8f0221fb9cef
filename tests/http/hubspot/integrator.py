"""What a client of HubSpot's API does all day, in a word each; every answer is a success."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from tests.http.hubspot.bodies import CONTACTS, ENROLLMENTS, MANAGED, SEQUENCES, TEMPLATES, Body
from tests.http.hubspot.bodies import sequence as sequence_body
from tests.world import World

Json = dict[str, Any]


@dataclass
class Integrator:
    api: TestClient
    world: World

    @property
    def user(self) -> Body:
        """The parameter that HubSpot wants with almost everything."""
        return {"userId": self.world.user_id}

    def create(self, *steps: Body, **more: Any) -> Json:
        answer = self.api.post(MANAGED, json=sequence_body(*steps, **more))
        assert answer.status_code == 200, answer.text
        created: Json = answer.json()["sequence"]
        return created

    def sequence(self, sequence_id: str) -> Json:
        answer = self.api.get(f"{SEQUENCES}/{sequence_id}", params=self.user)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def names(self, **asked: Any) -> list[str]:
        return [each["name"] for each in self.page(**asked)["results"]]

    def page(self, **asked: Any) -> Json:
        answer = self.api.get(SEQUENCES, params={**self.user, **asked})
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def contact(self, email: str = "ada@example.org", **properties: str) -> str:
        answer = self.api.post(CONTACTS, json={"properties": {"email": email, **properties}})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def template(self, **more: Any) -> Json:
        body = {"name": "Hello", "subject": "Hello", "body": "<p>Hello</p>", **more}
        answer = self.api.post(TEMPLATES, json=body)
        assert answer.status_code == 201, answer.text
        created: Json = answer.json()
        return created

    def enroll(self, sequence_id: str, contact_id: str, **more: Any) -> Json:
        body = {
            "sequenceId": sequence_id,
            "contactId": contact_id,
            "senderEmail": "rep@example.com",
            **more,
        }
        answer = self.api.post(ENROLLMENTS, params=self.user, json=body)
        assert answer.status_code == 200, answer.text
        enrolled: Json = answer.json()
        return enrolled
