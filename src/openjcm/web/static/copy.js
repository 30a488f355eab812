// Copy buttons. Without this script the buttons stay hidden and the whole value can still be selected in the page.
"use strict";
const live = document.createElement("p");
live.className = "vh";
live.setAttribute("role", "status");
document.body.append(live);
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    live.textContent = "";
    live.textContent = button.dataset.done;
    const before = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = before; }, 2000);
  });
}
