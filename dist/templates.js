// src/templates.ts
/** The folder of the templates. This file stands in `src/` itself, since the bundle stands as deep: `templates/` is beside both `src/` and `dist/`. */
const TEMPLATES = new URL("../templates/", import.meta.url);
export { TEMPLATES as t };
