// Picks up what a scanner puts into a folder of this computer, where the browser can read one. The officer chooses the
// folder once a page; files that lie there already are left alone. Elsewhere the file field serves as before.

const button = document.getElementById("folder");
const told = document.getElementById("folder-told");
const field = document.getElementById("files");
const form = document.getElementById("take");
const wanted = /\.(pdf|jpe?g|png)$/i;
const seen = new Map();
let watching = 0;

async function present(folder) {
  const files = [];
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind === "file" && wanted.test(name)) files.push(await handle.getFile());
  }
  return files;
}

// A file counts as finished when two looks a second and a half apart find the same size.
async function look(folder) {
  const ready = [];
  for (const file of await present(folder)) {
    const key = `${file.name}|${file.lastModified}`;
    const before = seen.get(key);
    if (before === "done") continue;
    if (before === file.size && file.size > 0) {
      ready.push(file);
      seen.set(key, "done");
    } else {
      seen.set(key, file.size);
    }
  }
  if (ready.length) add(ready.sort((a, b) => a.lastModified - b.lastModified));
}

function add(files) {
  const together = new DataTransfer();
  for (const file of [...field.files, ...files]) together.items.add(file);
  field.files = together.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  told.textContent = `Đã nhận ${together.files.length} tệp từ thư mục. Quét xong thì bấm «Kiểm tra trang quét».`;
}

if (button && field && "showDirectoryPicker" in window) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      const folder = await window.showDirectoryPicker({ id: "may-quet", mode: "read" });
      for (const file of await present(folder)) seen.set(`${file.name}|${file.lastModified}`, "done");
      clearInterval(watching);
      watching = setInterval(() => look(folder).catch(() => stop()), 1500);
      told.textContent = `Đang theo dõi thư mục «${folder.name}»: tệp mới được nhận ngay.`;
    } catch { /* the officer closed the window */ }
  });
  form.addEventListener("submit", () => clearInterval(watching));
}

function stop() {
  clearInterval(watching);
  told.textContent = "Không đọc được thư mục nữa; hãy chọn lại, hoặc chọn tệp ở trên.";
}
