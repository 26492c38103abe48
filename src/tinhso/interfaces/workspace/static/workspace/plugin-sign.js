// Hands a paper to the signing program on this machine: one message with two one-time addresses over its local
// WebSocket, one answer when the signed file has been sent back. Without the program the form's second button works.

for (const form of document.querySelectorAll("form[data-plugin]")) {
  const button = form.querySelector("[data-plugin-open]");
  button.hidden = false;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    open(form, button);
  });
}

async function open(form, button) {
  const status = form.closest("li").querySelector("[data-plugin-status]");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    if (!answer.ok) throw new Error("Không lấy được liên kết; mời tải lại trang.");
    status.textContent = "Đang chờ phần mềm ký trên máy.";
    const told = await ask(form.dataset.plugin, JSON.stringify(await answer.json()));
    if (told.Status !== 0) throw new Error(told.Message || `Phần mềm ký báo lỗi ${told.Status}.`);
    location.reload();
  } catch (error) {
    status.textContent = error.message;
    button.disabled = false;
  }
}

function ask(address, message) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address);
    let answered = false;
    socket.addEventListener("open", () => socket.send(message));
    socket.addEventListener("message", (event) => {
      answered = true;
      socket.close();
      try {
        resolve(JSON.parse(event.data));
      } catch {
        reject(new Error("Phần mềm ký trả lời không đúng định dạng."));
      }
    });
    socket.addEventListener("close", () => {
      if (!answered) reject(new Error("Không thấy phần mềm ký trên máy này; hãy mở phần mềm, hoặc tải về và gửi lại."));
    });
  });
}
