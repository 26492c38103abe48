// Asks the browser for its address of messages and hands it in with the form, or gives it up; without support both forms
// stay hidden. The page names the addresses it holds by their digests, so it can say whether this browser is one of them.

const on = document.querySelector("[data-push-key]");
const off = document.querySelector("[data-push-held]");
if (on && off && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  show();
  on.addEventListener("submit", async (event) => {
    const field = on.elements.namedItem("subscription");
    if (field.value) return;
    event.preventDefault();
    const status = on.querySelector("[data-push-status]");
    try {
      if ((await Notification.requestPermission()) !== "granted") throw new Error("denied");
      const registration = await navigator.serviceWorker.register(on.dataset.pushWorker, { scope: "/thong-bao/" });
      await running(registration);
      const subscription = await registration.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: bytes(on.dataset.pushKey),
      });
      field.value = JSON.stringify(subscription);
      on.submit();
    } catch {
      status.textContent = "Trình duyệt không cho phép nhận thông báo. Mời mở lại quyền trong cài đặt của trang.";
    }
  });
  off.addEventListener("submit", async (event) => {
    const field = off.elements.namedItem("endpoint");
    if (field.value) return;
    event.preventDefault();
    const held = await subscribed();
    field.value = held ? held.endpoint : "-";
    try {
      if (held) await held.unsubscribe();
    } finally {
      off.submit(); // whatever the browser says, nothing more is sent
    }
  });
}

async function show() {
  const held = await subscribed();
  const known = held !== null && off.dataset.pushHeld.split(" ").includes(await digest(held.endpoint));
  on.hidden = known;
  off.hidden = !known;
}

async function subscribed() {
  const registration = await navigator.serviceWorker.getRegistration("/thong-bao/");
  return registration ? await registration.pushManager.getSubscription() : null;
}

async function digest(text) {
  const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function running(registration) {
  if (registration.active) return Promise.resolve();
  const starting = registration.installing || registration.waiting;
  return new Promise((done) => {
    starting.addEventListener("statechange", () => starting.state === "activated" && done());
  });
}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}
