// After a refused form the error summary takes the focus, so that it is the first thing read out.
const focusSummary = (within) => within.querySelector(".error-summary")?.focus();
focusSummary(document);
document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.detail.elt));
