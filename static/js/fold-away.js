// A card that lies over the page folds away on Escape and on a click beside it.
const open = () => document.querySelectorAll("details[data-fold-away][open]");

document.addEventListener("click", (event) => {
  for (const card of open()) if (!card.contains(event.target)) card.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const card of open()) {
    card.open = false;
    card.querySelector("summary").focus();
  }
});
