// A part of a page that renews itself (hx-trigger="every …"): says aloud what it came to, and where the session has
// ended meanwhile shows the sign-in page instead of nothing.
const said = document.createElement("p");
said.className = "hidden";
said.setAttribute("role", "status");
document.body.append(said);

const words = () => document.querySelector("[data-says]")?.dataset.says ?? "";
let last = words();

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (!xhr.responseURL || new URL(xhr.responseURL).pathname === location.pathname) return;
  event.detail.shouldSwap = false;
  location.reload();
});

document.addEventListener("htmx:afterSettle", () => {
  if (words() === last) return;
  last = words();
  said.textContent = last;
});
