// src/templates.ts
/** The folder of the templates, beside `src/` and `dist/`. This file must stay directly in `src/`, because the bundle is directly in `dist/`. */
const TEMPLATES = new URL("../templates/", import.meta.url);
export { TEMPLATES as t };
