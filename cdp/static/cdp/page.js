// Small habits of a page, each asked for by a data- attribute. Everything works without them.
document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard.writeText(document.querySelector(copy.dataset.copy).textContent).then(() => {
      copy.querySelector("[data-copy-label]").textContent = copy.dataset.copied;
    });
  }
  for (const menu of document.querySelectorAll("details[data-closes][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-closes][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A row's detail is opened by htmx below the row; asking again folds it away.
document.addEventListener("htmx:beforeRequest", (event) => {
  const link = event.target;
  if (!link.matches("[data-folds]")) return;
  const below = link.closest("tr").nextElementSibling;
  const open = below && below.classList.contains("detail");
  link.setAttribute("aria-expanded", String(!open));
  if (open) {
    below.remove();
    event.preventDefault();
  }
});

// A fold that someone opened stays open when htmx asks for its piece of the page again.
let unfolded = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  unfolded = [...event.target.querySelectorAll("details[open] > summary[id]")].map((summary) => summary.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) document.getElementById(id)?.parentElement.setAttribute("open", "");
});

// A lost session answers a fragment request with the log-in page: go there instead of drawing it into a corner.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (new URL(event.detail.xhr.responseURL).pathname === document.body.dataset.login) {
    event.detail.shouldSwap = false;
    window.location.reload();
  }
});
