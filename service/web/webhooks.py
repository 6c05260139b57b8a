"""`/v1/webhooks` and `/v1/webhook-deliveries`: whom a tenant wants told of its verdicts, and how that went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query
from fastapi.openapi.models import Example
from pydantic import BaseModel
from starlette.responses import Response

from service import errors, webhooks
from service.errors import RequestInvalid
from service.store import Store, Transaction
from service.web import examples
from service.web.access import Administering, PathId
from service.web.answers import Answer, Call
from service.web.cursors import cursor_of, place_of
from service.web.once import Calling, OnceRoute
from service.web.phone_codes import json_only
from service.web.schemas import (
    Deliveries,
    Delivery,
    DeliveryState,
    Redelivery,
    Webhook,
    WebhookRequest,
    Webhooks,
    WebhookWithSecret,
)
from service.webhooks import Reach, TargetRefused

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Desk:
    """Endpoints and deliveries of a tenant."""

    store: Store
    reach: Reach
    clock: Callable[[], datetime]
    new_id: Callable[[], str] = field(repr=False)

    def add(self, tenant: str, url: str, call: Call) -> Answer:
        """Raises RequestInvalid for an address that could never be called."""
        try:
            self.reach.check_url(url)
        except TargetRefused as refused:
            raise RequestInvalid("the address cannot be called", fields=(("url", refused.code),)) from None
        with self.store.transaction() as transaction:
            call.begin(transaction)
            made = self.store.webhooks.add(
                transaction, tenant=tenant, webhook_id=self.new_id(), url=url, now=self.clock()
            )
            return _kept(call, transaction, 201, WebhookWithSecret.model_validate(made))

    def all(self, tenant: str) -> Webhooks:
        """Every endpoint."""
        with self.store.reading() as transaction:
            found = self.store.webhooks.list(transaction, tenant=tenant)
        return Webhooks(webhooks=[Webhook.model_validate(each) for each in found])

    def rotate(self, tenant: str, webhook_id: str, call: Call) -> Answer:
        """Raises NotFound."""
        with self.store.transaction() as transaction:
            call.begin(transaction)
            made = self.store.webhooks.rotate(transaction, tenant=tenant, webhook_id=webhook_id, now=self.clock())
            return _kept(call, transaction, 200, WebhookWithSecret.model_validate(made))

    def enable(self, tenant: str, webhook_id: str, call: Call) -> Answer:
        """Raises NotFound."""
        with self.store.transaction() as transaction:
            call.begin(transaction)
            found = self.store.webhooks.enable(transaction, tenant=tenant, webhook_id=webhook_id)
            return _kept(call, transaction, 200, Webhook.model_validate(found))

    def remove(self, tenant: str, webhook_id: PathId) -> None:
        """Raises NotFound."""
        with self.store.transaction() as transaction:
            self.store.webhooks.remove(transaction, tenant=tenant, webhook_id=webhook_id)

    def deliveries(self, tenant: str, state: DeliveryState, cursor: str | None) -> Deliveries:
        """A page. Raises RequestInvalid for a cursor of somebody else's making."""
        with self.store.reading() as transaction:
            found = self.store.outbox.list(
                transaction, tenant=tenant, state=webhooks.State(state), after=place_of(cursor), most=_PAGE + 1
            )
        page = found[:_PAGE]
        following = cursor_of(page[-1].created_at, page[-1].id) if len(found) > _PAGE else None
        return Deliveries(deliveries=[Delivery.model_validate(each) for each in page], next_cursor=following)

    def redeliver(self, tenant: str, delivery_id: str, call: Call) -> Answer:
        """Raises NotFound."""
        with self.store.transaction() as transaction:
            call.begin(transaction)
            self.store.outbox.redeliver(transaction, delivery_id, tenant=tenant, now=self.clock())
            return _kept(call, transaction, 202, Redelivery(id=delivery_id))


def build(desk: Desk) -> APIRouter:
    """The routes. They need the scope `admin`: whoever may set an address decides who is told."""
    router = APIRouter(tags=["webhooks"], route_class=OnceRoute)

    @router.post("/v1/webhooks", status_code=201, responses=_MADE, dependencies=[Depends(json_only)])
    def create_webhook(
        caller: Administering, call: Calling, wanted: Annotated[WebhookRequest, Body(openapi_examples=_REQUEST)]
    ) -> Response:
        """Have an address of yours told of every verdict; the answer holds the secret that signs what is sent."""
        return desk.add(caller.tenant, wanted.url, call).response()

    @router.get("/v1/webhooks", responses=_LISTED)
    def list_webhooks(caller: Administering) -> Webhooks:
        """Every endpoint of the tenant, the oldest first, without its secret."""
        return desk.all(caller.tenant)

    @router.delete("/v1/webhooks/{id}", status_code=204, responses=_REMOVED)
    def delete_webhook(caller: Administering, id: PathId) -> Response:
        """Forget an endpoint, its secrets and its deliveries, the waiting ones too."""
        desk.remove(caller.tenant, id)
        return Response(status_code=204)

    @router.post("/v1/webhooks/{id}/rotate", responses=_ROTATED)
    def rotate_webhook_secret(caller: Administering, call: Calling, id: PathId) -> Response:
        """Make a new secret. For 24 hours what is sent has two signatures, by the new one and by the one before."""
        return desk.rotate(caller.tenant, id, call).response()

    @router.post("/v1/webhooks/{id}/enable", responses=_ENABLED)
    def enable_webhook(caller: Administering, call: Calling, id: PathId) -> Response:
        """Tell an endpoint again that was switched off, from the next verdict on; see also `redeliver`."""
        return desk.enable(caller.tenant, id, call).response()

    @router.get("/v1/webhook-deliveries", responses=_PAGED)
    def list_webhook_deliveries(
        caller: Administering,
        state: Annotated[DeliveryState, Query(description="Those that wait, arrived or were given up.")] = "dead",
        cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")] = None,
    ) -> Deliveries:
        """Deliveries, the oldest first, a hundred a page; those that have ended are kept for 30 days."""
        return desk.deliveries(caller.tenant, state, cursor)

    @router.post("/v1/webhook-deliveries/{id}/redeliver", status_code=202, responses=_ACCEPTED)
    def redeliver_webhook(caller: Administering, call: Calling, id: PathId) -> Response:
        """Send a delivery again, with the same `webhook-id`, and begin its retries anew."""
        return desk.redeliver(caller.tenant, id, call).response()

    return router


def _kept(call: Call, transaction: Transaction, status: int, told: BaseModel) -> Answer:
    answer = Answer(status, told.model_dump_json().encode())
    call.keep(transaction, answer)
    return answer


_REQUEST: dict[str, Example] = {"webhook": {"value": {"url": "https://example.com/hecha"}}}
_ANY = (errors.Unauthorized, errors.ScopeMissing, errors.InternalError, errors.StoreUnavailable)
_ONE = examples.errors(*_ANY, errors.NotFound)
_SECRET = examples.answer("The endpoint and its new secret", "WebhookWithSecret", examples.WEBHOOK_WITH_SECRET)
_NEXT = ("rotate_webhook_secret", "enable_webhook", "delete_webhook")
_NEW = examples.answer("The endpoint and its secret", "WebhookWithSecret", examples.WEBHOOK_WITH_SECRET, then=_NEXT)
_Answers = dict[int | str, dict[str, Any]]
_MADE: _Answers = {
    201: _NEW,
    **examples.errors(
        *_ANY,
        errors.RequestMalformed,
        errors.RequestTimeout,
        errors.RequestTooLarge,
        errors.ContentTypeUnsupported,
        errors.RequestInvalid,
    ),
}
_LISTED: _Answers = {
    200: examples.answer("The endpoints", "Webhooks", {"webhooks": [examples.WEBHOOK]}),
    **examples.errors(*_ANY),
}
_REMOVED: _Answers = {204: {"description": "It is gone"}, **_ONE}
_ROTATED: _Answers = {200: _SECRET, **_ONE}
_ENABLED: _Answers = {200: examples.answer("The endpoint", "Webhook", examples.WEBHOOK), **_ONE}
_PAGED: _Answers = {
    200: examples.answer(
        "A page",
        "Deliveries",
        {"deliveries": [examples.DELIVERY], "next_cursor": None},
        then=("redeliver_webhook",),
        found_at="/deliveries/0/id",
    ),
    **examples.errors(*_ANY, errors.RequestInvalid),
}
_ACCEPTED: _Answers = {
    202: examples.answer("It will be sent", "Redelivery", {"id": examples.DELIVERY["id"]}),
    **_ONE,
}
