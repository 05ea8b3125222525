// A second press of a button within the same send does nothing. The idempotency key makes it safe; this makes it calm.
const sent = new Map();
const PATIENCE = 15_000; // a file that downloads leaves the page standing, and its form must work again

const release = (form) => {
  sent.get(form)?.removeAttribute("aria-busy");
  sent.delete(form);
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  event.submitter?.setAttribute("aria-busy", "true");
  sent.set(form, event.submitter);
  setTimeout(release, PATIENCE, form);
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) [...sent.keys()].forEach(release);
});
