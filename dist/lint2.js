import { An as hidingValues, Zt as sarifOf, an as requireLints, in as lintSpec, rn as findingsOf } from "./steps.js";
// src/commands/lint.ts
/**
* `lint`: checks job specs, variables, the configuration file and the policy without a cluster, and runs the lints. Errors fail the run, warnings do not. Writes a
* SARIF file for code scanning. `said` are warnings that the log already has.
*/
async function lint(all, said, { runtime, note }) {
	const reports = [];
	for (const one of all) if ("error" in one) reports.push({
		findings: findingsOf(one.error),
		unchecked: [],
		ignored: 0
	});
	else {
		const off = one.inputs.lintOff ?? [];
		requireLints(off);
		const { findings, ...others } = await lintSpec(one.inputs, one.rendering, off);
		const given = Object.entries(one.inputs.vars).map(([name, value]) => ({
			name,
			value,
			source: one.inputs.sources.vars[name] ?? name
		}));
		const hide = hidingValues(given, runtime.redact);
		reports.push({
			...others,
			findings: findings.map((finding) => ({
				...finding,
				text: hide(finding.text)
			}))
		});
	}
	const whole = merged(reports);
	const found = runtime.redactDeep(whole.findings);
	const findings = [...runtime.redactDeep(said), ...found];
	const { unchecked, ignored } = whole;
	const errors = findings.filter(({ level }) => level === "error");
	const warnings = findings.filter(({ level }) => level === "warning");
	for (const finding of errors) runtime.log.error(told(finding), finding.rule, finding.location);
	for (const finding of found.filter(({ level }) => level === "warning")) runtime.log.warning(told(finding), finding.location);
	for (const { what, rules, location } of unchecked) {
		const place = location === void 0 ? "" : `${location.file}:${location.line ?? 1}: `;
		runtime.log.info(`${place}not checked: ${what} is evaluated by Nomad alone (${rules.join(", ")})`);
	}
	const counted = [count(errors.length, "error"), count(warnings.length, "warning")].join(", ");
	runtime.log.info(`${counted}${ignored === 0 ? "" : `, ${ignored} ignored by comments`}`);
	note({ lint: {
		findings,
		unchecked,
		ignored
	} });
	if (runtime.terminal === void 0) note({ sarifFile: await runtime.publish("lint.sarif", sarifOf(findings)) });
	const [first] = errors;
	if (first === void 0) return { outcome: "linted" };
	const place = first.location === void 0 ? "" : `${[first.location.file, first.location.line].filter((part) => part !== void 0).join(":")}: `;
	return {
		outcome: "failed",
		failureReason: CODES[first.rule === "policy" || first.rule === "input" ? first.rule : "spec"],
		cause: `${place}${first.text}${errors.length === 1 ? "" : `; ${errors.length - 1} more`}`,
		...first.fix === void 0 ? {} : { hint: first.fix },
		...first.location === void 0 ? {} : { location: first.location }
	};
}
const CODES = {
	input: "input-invalid",
	spec: "jobspec-invalid",
	policy: "policy-violation"
};
const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
/** Returns a finding as a sentence: the text, the fix, and its name. */
function told({ text, fix, rule }) {
	return `${text}.${fix === void 0 ? "" : ` ${fix}`} [${rule}]`;
}
/** Returns all reports as one. Several environments and clusters can have one spec, whose findings are told once. */
function merged(reports) {
	const once = (all) => [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
	return {
		findings: once(reports.flatMap(({ findings }) => findings)),
		unchecked: once(reports.flatMap(({ unchecked }) => unchecked)),
		ignored: reports.reduce((sum, { ignored }) => sum + ignored, 0)
	};
}
export { lint };
