// Shows the document of the chosen version. Keys that are pasted stay in memory.
"use strict";

(() => {
  const select = document.getElementById("version");
  const link = document.getElementById("document");

  const known = [...select.options].map((option) => option.value);
  const wanted = new URLSearchParams(location.search).get("version");
  if (known.includes(wanted)) select.value = wanted;

  const query = `?version=${select.value}`;
  link.href = `/api/v1/openapi.yaml${query}`;
  SwaggerUIBundle({
    url: `/api/v1/openapi.json${query}`,
    dom_id: "#reference",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    defaultModelExpandDepth: 3,
    displayRequestDuration: true,
    docExpansion: "list",
    filter: true,
    persistAuthorization: false,
    tryItOutEnabled: true,
    validatorUrl: null,
  });

  select.addEventListener("change", () => {
    location.search = `?version=${select.value}`;
  });
})();
