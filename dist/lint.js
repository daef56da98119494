import { N as prepareWork, Zn as NO_SECRETS, ct as COMMANDS, dn as imagesOf, en as provisionalImages, fn as sourceLocation, xn as tagsOf, yn as byName } from "./steps.js";
import { C as isUntrusted, it as policyOf } from "./start.js";
// src/apps/lint.ts
/** Checks the specs of all units without a cluster, for `command: lint`. Asks nothing but the files of the checkout. */
async function lintOnly({ units, context, config }, current) {
	const policy = config && policyOf(config);
	if (policy !== void 0) current.runtime.log.info(`Policy of ${policy.source}`);
	const all = [];
	for (const unit of units) try {
		all.push(...await lintedOf(unit, {
			context,
			policy
		}, current));
	} catch (error) {
		all.push({ error });
	}
	return (await COMMANDS.lint.load())(all, (config?.warnings ?? []).map(({ text, location }) => ({
		rule: "input",
		level: "warning",
		text,
		...location === void 0 ? {} : { location }
	})), current);
}
/** Returns the specs of a unit with what each is rendered with. An image that is not built yet has a digest of zeros. */
async function lintedOf(unit, { context, policy }, { runtime }) {
	const [work] = await prepareWork([unit], context, runtime);
	const { specs, asked, fromFiles, target } = work;
	const inputs = isUntrusted(context) ? withoutGiven(work.inputs) : work.inputs;
	const [references = []] = provisionalImages(asked, "deploy");
	return specs.map((spec) => ({
		inputs,
		rendering: {
			spec,
			others: specs.filter((other) => other !== spec),
			fromFiles,
			target,
			context,
			tags: tagsOf(asked),
			...NO_SECRETS,
			...imagesOf(asked, asked, byName(asked, references)),
			oversubscription: true,
			policy
		}
	}));
}
/** Returns the inputs without the variables of the workflow: the code of a stranger could have their values quoted in a finding. Those of files stay. */
function withoutGiven(inputs) {
	const ofFiles = Object.entries(inputs.vars).filter(([name]) => sourceLocation(inputs.sources.vars[name] ?? "") !== void 0);
	return {
		...inputs,
		vars: Object.fromEntries(ofFiles)
	};
}
export { lintOnly };
