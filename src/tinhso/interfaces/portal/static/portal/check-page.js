// Keeps what is needed to check papers without a line: the offline page, its scripts and the public keys.

const here = document.querySelector("[data-check-worker]");
if (here && "serviceWorker" in navigator) {
  for (const scope of here.dataset.scopes.split(" ")) {
    navigator.serviceWorker.register(here.dataset.checkWorker, { scope }).catch(() => {});
  }
}
