"""Messages in the browser: the page subscribes it, what is sent opens only there, the worker shows it, and it is given up.

A headless browser has no push service of its maker, so the subscription's address is the simulator's and its keys are made
by the browser's own WebCrypto; a message is opened there too, by RFC 8291 written a second time.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser

from tests.factories.accounts import sign_in
from tests.factories.messages import outside, tell, wired
from tests.factories.world import World, citizen, world
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.notifications import flows
from tinhso.apps.notifications.models import Contact
from tinhso.kernel import clock

_SUBSCRIBES = """
(endpoint) => {
  let held = null;
  const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  PushManager.prototype.getSubscription = async () => held;
  PushManager.prototype.subscribe = async () => {
    const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
    const point = await crypto.subtle.exportKey("raw", pair.publicKey);
    const secret = crypto.getRandomValues(new Uint8Array(16));
    const keys = { p256dh: text(point), auth: text(secret) };
    const own = await crypto.subtle.exportKey("jwk", pair.privateKey);
    sessionStorage.setItem("kept", JSON.stringify({ own, keys }));
    held = { endpoint, keys, unsubscribe: async () => { sessionStorage.setItem("gone", "yes"); held = null; return true; } };
    sessionStorage.setItem("held", "yes");
    return held;
  };
  if (sessionStorage.getItem("held")) {
    held = { endpoint, unsubscribe: async () => { sessionStorage.setItem("gone", "yes"); held = null; return true; } };
  }
  Notification.requestPermission = async () => "granted";
}
"""
_OPENS = """
async (body) => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const joined = (...parts) => { const all = []; for (const part of parts) all.push(...part); return new Uint8Array(all); };
  const words = (text) => new TextEncoder().encode(text);
  const stretched = async (salt, input, info, length) => {
    const key = await crypto.subtle.importKey("raw", input, "HKDF", false, ["deriveBits"]);
    return new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, length * 8));
  };
  const { own, keys } = JSON.parse(sessionStorage.getItem("kept"));
  const whole = bytes(body), salt = whole.slice(0, 16), long = whole[20];
  const theirs = whole.slice(21, 21 + long), sealed = whole.slice(21 + long);
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const mine = await crypto.subtle.importKey("jwk", own, curve, false, ["deriveBits"]);
  const other = await crypto.subtle.importKey("raw", theirs, curve, false, []);
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: other }, mine, 256));
  const info = joined(words("WebPush: info\\0"), bytes(keys.p256dh), theirs);
  const input = await stretched(bytes(keys.auth), shared, info, 32);
  const key = await stretched(salt, input, words("Content-Encoding: aes128gcm\\0"), 16);
  const nonce = await stretched(salt, input, words("Content-Encoding: nonce\\0"), 12);
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const plain = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce }, aes, sealed));
  return new TextDecoder().decode(plain.slice(0, plain.lastIndexOf(2)));
}
"""

_ACTIVE = """
async () => {
  while (!(await navigator.serviceWorker.getRegistration("/thong-bao/"))?.active) await new Promise((on) => setTimeout(on, 50));
}
"""
# A headless browser has no place to show notifications: what the worker asks to be shown is kept instead.
_WATCHES = """
() => {
  self.registration.showNotification = async (title, options) => { self.shown = [title, options.body, options.data.link]; };
}
"""
_SHOWN = """
async () => {
  for (let tries = 0; tries < 100 && !self.shown; tries++) await new Promise((on) => setTimeout(on, 100));
  return self.shown ?? [];
}
"""


@pytest.fixture
def town(transactional_db: None) -> World:
    return world(departments=())


@pytest.mark.sweep
def test_subscribe_receive_and_give_up(
    browser: Browser, live_server: Any, settings: Any, town: World, drain_jobs: Callable[[], int]
) -> None:
    me, site = citizen(), Client()
    sign_in(site, get_account(me.account_id or 0), assurance=1)
    with outside() as (address, network):
        wired(settings, address)
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, locale="vi-VN", permissions=["notifications"]
        )
        context.add_cookies([{"name": "sessionid", "value": site.cookies["sessionid"].value, "url": live_server.url}])
        context.add_init_script(f"({_SUBSCRIBES})({json.dumps(f'{address}/push/here')})")
        page = context.new_page()
        page.goto(f"{live_server.url}/thong-bao/cach-nhan")
        page.get_by_role("button", name="Nhận thông báo trên trình duyệt này").click()
        page.get_by_text("Trình duyệt này sẽ nhận thông báo.").wait_for()
        assert Contact.objects.get(ended_at=None).address == f"{address}/push/here"
        tell(me, at=clock.now())
        flows.send_due(at=clock.now())
        (sent,) = network.pushed
        said = json.loads(page.evaluate(_OPENS, base64.urlsafe_b64encode(sent["body"]).decode()))
        assert said["text"] == "Hồ sơ H48.12-261008-0007 cần bổ sung"
        # The real worker, given the real words by the browser's own tools, shows them.
        workers = context.new_cdp_session(page)
        found: list[str] = []
        workers.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
        )
        workers.send("ServiceWorker.enable")
        page.evaluate(_ACTIVE)
        (worker,) = context.service_workers
        worker.evaluate(_WATCHES)
        page.wait_for_timeout(200)
        push = {"origin": live_server.url, "registrationId": found[0], "data": json.dumps(said)}
        workers.send("ServiceWorker.deliverPushMessage", push)
        assert worker.evaluate(_SHOWN) == [said["title"], said["text"], said["link"]]
        page.get_by_role("button", name="Thôi nhận trên trình duyệt này").click()
        page.get_by_text("Trình duyệt này không nhận thông báo nữa.").wait_for()
        assert page.evaluate("sessionStorage.getItem('gone')") == "yes"
        assert not Contact.objects.filter(ended_at=None).exists()
        context.close()
