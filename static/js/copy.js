// Copies an identifier; the button says so for two seconds, to the eye and to screen readers. A secret is not read out:
// its button has its name in data-copy-name.
const said = document.createElement("p");
said.className = "hidden";
said.setAttribute("role", "status");
document.body.append(said);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    said.textContent = "Your browser did not allow copying. Select the text and copy it with the keyboard.";
    return;
  }
  button.dataset.copied = "";
  said.textContent = `Copied ${button.dataset.copyName ?? button.dataset.copy}`;
  setTimeout(() => delete button.dataset.copied, 2000);
});
