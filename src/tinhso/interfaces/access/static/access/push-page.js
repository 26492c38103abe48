// Asks the browser for its address of messages and hands it in with the form; without support the button stays hidden.

const form = document.querySelector("[data-push-key]");
if (form && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    const field = form.elements.namedItem("subscription");
    if (field.value) return;
    event.preventDefault();
    const status = form.querySelector("[data-push-status]");
    try {
      if ((await Notification.requestPermission()) !== "granted") throw new Error("denied");
      const registration = await navigator.serviceWorker.register(form.dataset.pushWorker, { scope: "/thong-bao/" });
      await running(registration);
      const subscription = await registration.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: bytes(form.dataset.pushKey),
      });
      field.value = JSON.stringify(subscription);
      form.submit();
    } catch {
      status.textContent = "Trình duyệt không cho phép nhận thông báo. Mời mở lại quyền trong cài đặt của trang.";
    }
  });
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
