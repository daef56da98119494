// src/diagnose/seen.ts
/** The first eight characters, as Nomad's own tools show ids. */
function shortId(id) {
	return id.slice(0, 8);
}
export { shortId as t };
