"""Every method of azure.messaging.webpubsubservice, both of its clients, over HTTP and HTTPS."""

import asyncio
import inspect
import itertools
import os
import sys
import unittest

from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest
from azure.messaging.webpubsubservice import WebPubSubServiceClient
from azure.messaging.webpubsubservice import aio

from service import Service
from websocket import WebSocket

called = set()
hubs = itertools.count(1)


class Sync:
    """The blocking client; it notes what is called of it."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        attribute = getattr(self._client, name)
        called.add((type(self), name))
        return attribute


class Async(Sync):
    """The client of asyncio, driven as if it were the blocking one."""

    loop = None

    def __getattr__(self, name):
        method = super().__getattr__(name)

        def call(*args, **kwargs):
            result = method(*args, **kwargs)
            return self.loop.run_until_complete(result) if inspect.isawaitable(result) else result

        return call


CLIENTS = {Sync: WebPubSubServiceClient, Async: aio.WebPubSubServiceClient}


def setUpModule():
    global service
    service = unittest.enterModuleContext(Service())
    os.environ.update({k: v for k, v in service.environment.items() if k in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")})
    Async.loop = asyncio.new_event_loop()
    unittest.addModuleCleanup(Async.loop.close)


class Base:
    """What is tested of one client over one transport."""

    scheme = kind = None

    def setUp(self):
        self.hub = f"python{next(hubs)}"
        self.client = self.enter(service.connection_string(self.scheme))

    def enter(self, connection_string):
        client = self.kind(CLIENTS[self.kind].from_connection_string(connection_string, self.hub))
        self.addCleanup(client.close)
        return client

    def connect(self, **claims):
        return self.enterContext(WebSocket(self.client.get_client_access_token(**claims)["url"]))

    def test_sends_reach_whom_they_name_with_their_type(self):
        ann = self.connect(user_id="ann")
        self.client.add_connection_to_group("g", ann.connection_id)
        sends = {
            "server": [
                lambda *a, **k: self.client.send_to_all(*a, **k),
                lambda *a, **k: self.client.send_to_user("ann", *a, **k),
                lambda *a, **k: self.client.send_to_connection(ann.connection_id, *a, **k),
            ],
            "group": [lambda *a, **k: self.client.send_to_group("g", *a, **k)],
        }
        for origin, calls in sends.items():
            for send in calls:
                for message, content_type, data_type, data in [
                    ({"n": [1, None, "ä"]}, "application/json", "json", {"n": [1, None, "ä"]}),
                    ("grüß dich".encode(), "text/plain; charset=utf-8", "text", "grüß dich"),
                    (b"\x00\xff", "application/octet-stream", "binary", "AP8="),
                ]:
                    send(message, content_type=content_type)
                    frame = ann.receive()
                    self.assertEqual(
                        ("message", origin, data_type, data), tuple(frame[k] for k in ("type", "from", "dataType", "data"))
                    )

    def test_sends_spare_the_excluded_and_those_the_filter_leaves_out(self):
        ann, bob = self.connect(user_id="ann"), self.connect(user_id="bob")
        for client in (ann, bob):
            self.client.add_connection_to_group("g", client.connection_id)
        self.client.send_to_all("for bob", excluded=[ann.connection_id])
        self.client.send_to_all("for bob", filter="userId eq 'bob'")
        self.client.send_to_user("ann", "for nobody", filter="userId eq 'bob'")
        self.client.send_to_group("g", "for bob", excluded=[ann.connection_id])
        self.client.send_to_group("g", "for bob", filter="userId ne 'ann'")
        self.client.send_to_all("for both")
        self.assertEqual("for both", ann.receive()["data"])
        self.assertEqual(["for bob"] * 4 + ["for both"], [bob.receive()["data"] for _ in range(5)])
        with self.assertRaises(HttpResponseError) as refused:
            self.client.send_to_all("x", filter="nonsense")
        self.assertEqual(400, refused.exception.status_code)

    def test_what_exists_is_known(self):
        ann = self.connect(user_id="a/b ä")
        self.client.add_user_to_group("g h/ä", "a/b ä")
        for present in (
            self.client.connection_exists(ann.connection_id),
            self.client.user_exists("a/b ä"),
            self.client.group_exists("g h/ä"),
        ):
            self.assertIs(True, present)
        for present in (
            self.client.connection_exists("missing"),
            self.client.user_exists("nobody"),
            self.client.group_exists("empty"),
        ):
            self.assertIs(False, present)

    def test_membership_of_connections_and_users(self):
        ann = self.connect(user_id="ann")
        add = {
            "one": lambda: self.client.add_connection_to_group("one", ann.connection_id),
            "two": lambda: self.client.add_user_to_group("two", "ann"),
        }
        remove = [
            lambda: self.client.remove_connection_from_group("one", ann.connection_id),
            lambda: self.client.remove_user_from_group("two", "ann"),
            lambda: self.client.remove_connection_from_all_groups(ann.connection_id),
            lambda: self.client.remove_user_from_all_groups("ann"),
        ]
        for leave, left in zip(remove, [{"one"}, {"two"}, {"one", "two"}, {"one", "two"}]):
            for join in add.values():
                join()
            leave()
            self.assertEqual(set(add) - left, {g for g in add if self.client.group_exists(g)})
        with self.assertRaises(ResourceNotFoundError):
            self.client.add_connection_to_group("one", "missing")

    def test_permissions_take_effect_on_open_connections(self):
        ann = self.connect()
        for permission, request in [
            ("sendToGroup", {"type": "sendToGroup", "group": "g", "dataType": "text", "data": "x"}),
            ("joinLeaveGroup", {"type": "joinGroup", "group": "g"}),
        ]:
            for n, (change, want) in enumerate(
                [(None, False), (self.client.grant_permission, True), (self.client.revoke_permission, False)]
            ):
                if change:
                    change(permission, ann.connection_id, target_name="g")
                self.assertIs(want, self.client.has_permission(permission, ann.connection_id, target_name="g"))
                ann.send({**request, "ackId": hash((permission, n)) % 2**32})
                self.assertIs(want, ann.receive()["success"])

    def test_closes_say_why_and_spare_the_excluded(self):
        for close in (
            lambda spared, **k: self.client.close_all_connections(excluded=[spared], **k),
            lambda spared, **k: self.client.close_group_connections("g", excluded=[spared], **k),
            lambda spared, **k: self.client.close_user_connections("ann", excluded=[spared], **k),
        ):
            ann, spared = self.connect(user_id="ann"), self.connect(user_id="ann")
            self.client.add_user_to_group("g", "ann")
            close(spared.connection_id, reason="tidying up")
            self.assertEqual("Application server closed the connection. Reason: tidying up", ann.receive()["message"])
            self.assertIsNone(ann.receive())
            self.assertTrue(self.client.connection_exists(spared.connection_id))
            self.client.close_connection(spared.connection_id, reason="you too")
            self.assertIn("you too", spared.receive()["message"])

    def test_tokens_carry_user_roles_groups_and_their_end(self):
        token = self.client.get_client_access_token(
            user_id="ann", roles=["webpubsub.sendToGroup.g"], groups=["g"], minutes_to_expire=5, jwt_headers={"kid": "1"}
        )
        with WebSocket(token["url"]) as ann:
            ann.send({"type": "sendToGroup", "group": "g", "dataType": "text", "data": "x", "ackId": 1})
            frames = {frame["type"]: frame for frame in (ann.receive(), ann.receive())}
            self.assertTrue(frames["ack"]["success"])
            self.assertEqual("ann", frames["message"]["fromUserId"])
        expired = self.client.get_client_access_token(minutes_to_expire=-10)
        with self.assertRaisesRegex(ConnectionError, "401"):
            WebSocket(expired["url"])

    def test_a_client_of_endpoint_and_key_with_a_user(self):
        credential = AzureKeyCredential(service.key)
        client = self.kind(CLIENTS[self.kind](service.endpoints[self.scheme], self.hub, credential, user="server"))
        self.addCleanup(client.close)
        self.assertIs(False, client.group_exists("g"))

    def test_requests_by_hand_and_refusals(self):
        request = HttpRequest("HEAD", "/api/health?api-version=2021-10-01")
        self.assertEqual(200, self.client.send_request(request).status_code)
        stranger = self.enter(service.connection_string(self.scheme).replace(service.key, "x" * 43))
        with self.assertRaises(ClientAuthenticationError):
            stranger.send_to_all("x")


class HTTP(Base, unittest.TestCase):
    scheme, kind = "http", Sync


class HTTPS(Base, unittest.TestCase):
    scheme, kind = "https", Sync


class AsyncHTTP(Base, unittest.TestCase):
    scheme, kind = "http", Async


class AsyncHTTPS(Base, unittest.TestCase):
    scheme, kind = "https", Async


class ZEverything(unittest.TestCase):
    """Runs last, as unittest goes by name."""

    def test_every_method_was_called(self):
        for kind, client in CLIENTS.items():
            methods = {n for n, m in inspect.getmembers(client, callable) if not n.startswith("_")}
            self.assertEqual(set(), methods - {n for k, n in called if k is kind} - {"from_connection_string"})


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0).result
    failed = len(result.failures) + len(result.errors)
    print(f"Python SDK: {result.testsRun - failed} passed, {failed} failed, {len(result.skipped)} skipped")
    sys.exit(failed > 0)
