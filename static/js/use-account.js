// In the demo's sign-in page: fills the form with an account and sends it. Without script the link fills the address.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-use-account]");
  if (!link) return;
  const form = document.querySelector("form[data-sign-in]");
  if (!form) return;
  event.preventDefault();
  form.querySelector("[type=email], [name=login]").value = link.dataset.useAccount;
  form.querySelector("[type=password]").value = link.dataset.password;
  form.querySelector("button").focus();
});
