// A box above a long list of names that shows only those holding what is typed. Without it the whole list is there.
for (const list of document.querySelectorAll("[data-pick]")) {
  const items = [...list.querySelectorAll(".govuk-checkboxes__item")];
  if (items.length < 7) continue;
  const label = document.createElement("label");
  label.className = "govuk-label";
  label.htmlFor = "pick";
  label.textContent = list.dataset.pick;
  const box = document.createElement("input");
  box.id = "pick";
  box.type = "text";
  box.autocomplete = "off";
  box.className = "govuk-input govuk-!-margin-bottom-2";
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLocaleLowerCase();
    for (const item of items) {
      const chosen = item.querySelector("input").checked;
      item.hidden = !chosen && !item.textContent.toLocaleLowerCase().includes(wanted);
    }
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  list.prepend(label, box);
}
