// Light, dark or as the system says; kept in a cookie so that the server sends the page in the right colours.
const choice = document.querySelector("[data-theme-choice]");
const YEAR = 31_536_000;

if (choice) {
  choice.hidden = false;
  choice.addEventListener("change", (event) => {
    const theme = event.target.value;
    document.cookie = `ssi_theme=${theme}; path=/; max-age=${theme ? YEAR : 0}; SameSite=Lax`;
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  });
}
