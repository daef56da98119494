import { C as naming, E as toActionError, T as sentence } from "./runtime.js";
import { _n as publishTags, bn as keyOf, hn as sizesOf, mn as testImage, pn as scanImage, vn as resolveImages, yn as byName } from "./steps.js";
import { h as describeImage, nn as isDigestTag, on as parseReference, r as describeSizes } from "./start.js";
// src/commands/build.ts
/** The pause before the sizes of images are read, in which a deploy plans and registers. */
const SIZES_AFTER_MS = 1e3;
/** The longest wait for the sizes of images at the end of a run. */
const SIZES_MS = 500;
/**
* Builds (or looks up), tests and scans the images, in their order, and publishes their moving tags after all passed. The first is the run's `image`.
* An image of `runningOf` with the same content replaces the built or found one. `looked` is a look for earlier builds that this run has done already.
*/
async function prepareImages(all, runningOf, current, looked) {
	if (all.length === 0) return [];
	const { runtime, note, stage } = current;
	const titles = all.map(({ plan, name }) => name ?? (plan.kind === "build" ? plan.tags.join(", ") : plan.reference));
	const images = await stage("image", `${all.some(({ plan }) => plan.kind === "build") ? "Build" : "Look up"} ${titles.join(", ")}`, async () => resolveImages(all, runningOf, runtime, looked));
	const [first] = images;
	if (first !== void 0) {
		const { reference, builtBy } = first;
		const unused = all.flatMap((asked, i) => {
			const name = images[i]?.unused;
			return name === void 0 ? [] : [[keyOf(asked), name]];
		});
		note({
			...builtBy === void 0 ? {} : { builtBy },
			...describeImage(reference),
			imageBuilt: first.isNew && first.unused === void 0,
			images: byName(all, images.map((image) => image.reference)),
			...unused.length === 0 ? {} : { unusedImages: Object.fromEntries(unused) },
			...attestedOf(all)
		});
	}
	for (const { reference } of images) runtime.log.info(`Image ${reference}`);
	tellSizes(all, images, current);
	for (const [i, image] of images.entries()) {
		const { name, inputs } = all[i] ?? {};
		if (inputs === void 0) continue;
		const { test, scan } = inputs;
		const { reference } = image;
		await naming(name, async () => {
			if (test !== void 0) await stage("test", `Test ${reference}`, async () => testImage(test, image, inputs, runtime));
			if (scan !== void 0) await stage("scan", `Scan ${reference}`, async () => scanImage(scan, image, runtime));
		});
	}
	for (const image of images) if (image.pendingTags.length > 0) await stage("tag", `Tag ${image.pendingTags.join(", ")}`, async () => tag(image, runtime));
	const pushed = images.filter(({ reference, isNew, unused }) => isNew && unused === void 0 && parseReference(reference)?.digest !== void 0);
	runtime.offerArtifacts?.(pushed.map(({ reference }) => reference));
	return images;
}
/** Returns the attestations that the builds ask for. An image that was built before has the same, since they are a part of its content. */
function attestedOf(all) {
	const found = all.flatMap((asked) => {
		const { plan, inputs } = asked;
		const kinds = ["provenance", "sbom"].filter((kind) => (inputs[kind] ?? "false") !== "false");
		return plan.kind === "build" && kinds.length > 0 ? [[keyOf(asked), kinds]] : [];
	});
	return found.length === 0 ? {} : { attested: Object.fromEntries(found) };
}
/**
* Reads and notes the sizes of the images while the run waits for the cluster, because no step needs them. Logs them at its end, where no group of the log is
* open. A run that soon finds that nothing changed tells none: no node pulls anything.
*/
function tellSizes(all, images, { runtime, note, atEnd }) {
	const [over, atOnce] = [new AbortController(), new AbortController()];
	const told = runtime.clock.sleep(SIZES_AFTER_MS, AbortSignal.any([over.signal, atOnce.signal])).catch(() => void 0).then(async () => {
		if (over.signal.aborted) return [];
		const found = await Promise.all(images.map(async (image) => sizesOf(image, over.signal, runtime)));
		const known = all.flatMap((asked, i) => found[i] === void 0 ? [] : [[keyOf(asked), found[i]]]);
		if (known.length > 0) note({ imageSizes: Object.fromEntries(known) });
		return found;
	});
	atEnd(async ({ outcome }) => {
		if (outcome === "unchanged") over.abort();
		atOnce.abort();
		const late = runtime.clock.sleep(SIZES_MS, over.signal).catch(() => void 0);
		await Promise.race([told, late]);
		over.abort();
		for (const [i, sizes] of (await told).entries()) if (sizes !== void 0) runtime.log.info(`Image ${images[i]?.reference}: ${describeSizes(Object.entries(sizes))}`);
	});
}
/** Publishes the tags of an image. A registry may refuse to move a tag; that is a notice where the running image is kept. */
async function tag(image, runtime) {
	try {
		await publishTags(image, runtime);
	} catch (error) {
		const isNeeded = image.pendingTags.some((one) => isDigestTag(parseReference(one)?.tag));
		if (image.unused === void 0 || isNeeded || runtime.signal.aborted) throw error;
		runtime.log.notice(`The running image did not get the tags ${image.pendingTags.join(", ")}: ${sentence(toActionError(error))}`);
	}
}
export { prepareImages };
