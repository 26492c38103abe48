// Shows a message that was sealed for this browser, and opens its page. It keeps nothing and answers no request.

self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data ? event.data.json() : {};
  } catch {
    said = {};
  }
  event.waitUntil(
    self.registration.showNotification(said.title || "Thông báo", {
      body: said.text || "",
      tag: said.key || undefined,
      data: { link: said.link || "/thong-bao" },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const link = new URL(event.notification.data.link, self.location.origin);
  if (link.origin === self.location.origin) event.waitUntil(self.clients.openWindow(link.href));
});
