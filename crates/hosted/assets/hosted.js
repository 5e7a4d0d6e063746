// Makes the hosted pages more comfortable. Everything works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("scripted");

  // What is wrong is read out and reached by the keyboard first.
  const faults = document.querySelector(".faults");
  if (faults) faults.focus();

  // A form is sent once, however often its button is pressed.
  for (const form of document.querySelectorAll("form")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "yes";
      for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
    });
  }
  // A page that comes back from the browser's memory can be sent again.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
    }
  });

  for (const select of document.querySelectorAll("select[data-send]")) {
    let byKey = false;
    select.addEventListener("keydown", () => { byKey = true; });
    select.addEventListener("pointerdown", () => { byKey = false; });
    // With the keyboard the choice is still moving: it is taken when the person leaves the list.
    select.addEventListener("change", () => { if (!byKey) select.form.requestSubmit(); });
    select.addEventListener("blur", () => {
      const chosen = select.querySelector("option[selected]");
      if (byKey && chosen && chosen.value !== select.value) select.form.requestSubmit();
    });
  }

  // Names of countries in the language of the page.
  for (const select of document.querySelectorAll("select[data-countries]")) {
    try {
      const names = new Intl.DisplayNames([root.lang], { type: "region" });
      const options = [...select.options].filter((option) => option.value);
      for (const option of options) option.textContent = names.of(option.value) ?? option.textContent;
      options.sort((a, b) => a.textContent.localeCompare(b.textContent, root.lang));
      select.append(...options);
    } catch { /* The names in English stay. */ }
  }

  // A button that may be used in a while.
  for (const button of document.querySelectorAll("button[data-wait]")) {
    const said = document.querySelector("[data-waiting]");
    button.hidden = true;
    setTimeout(() => {
      button.hidden = false;
      if (said) said.remove();
    }, Number(button.dataset.wait) * 1000);
  }

  // A look at the picture before it goes.
  for (const input of document.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      const old = input.parentElement.querySelector(".preview");
      if (old) { URL.revokeObjectURL(old.src); old.remove(); }
      const file = input.files[0];
      if (!file || !/^image\/(png|jpeg|webp)$/.test(file.type)) return;
      const picture = new Image();
      picture.className = "preview";
      picture.alt = file.name;
      picture.src = URL.createObjectURL(file);
      input.after(picture);
    });
  }
})();
