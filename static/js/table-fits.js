// A table that fits its frame needs no scrolling inside itself: its header may stick to the window, and the frame
// is no stop on the way of the Tab key. Without script every table scrolls inside its frame.
const judge = (frame) => {
  const fits = frame.firstElementChild.scrollWidth <= frame.clientWidth;
  frame.toggleAttribute("data-fits", fits);
  if (fits) frame.removeAttribute("tabindex");
  else frame.tabIndex = 0;
};

const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => judge(target)));
const watch = (within) => within.querySelectorAll(".table-scroll").forEach((frame) => observer.observe(frame));
watch(document);
document.addEventListener("htmx:afterSwap", () => watch(document));
