import { Kr as columns } from "./steps.js";
import { mn as oneLine } from "./start.js";
// src/commands/doctor.ts
const STYLES = {
	fine: "green",
	warning: "yellow",
	broken: "red",
	"not-checked": "dim"
};
/** `doctor`: shows the result of each check in a line. Fails with the first broken one, and only for those that would break a deploy. */
async function doctor(found, { runtime, note }) {
	const { log, terminal } = runtime;
	const { inWords = (text) => text } = terminal ?? {};
	const findings = found.map(({ text, fix, ...rest }) => ({
		...rest,
		text: inWords(text),
		...fix === void 0 ? {} : { fix: inWords(fix) }
	}));
	terminal?.answers();
	note({ findings });
	const shown = columns([
		"",
		"",
		"",
		""
	], findings.map(({ state, check, text, fix, job, cluster }) => [
		state,
		[cluster, job].filter((one) => one !== void 0).join(" "),
		check,
		oneLine(fix === void 0 ? text : `${text}. ${fix}`)
	])).slice(1);
	for (const [i, line] of shown.entries()) {
		const { state = "fine" } = findings[i] ?? {};
		if (terminal === void 0 || !terminal.isTty.stdout || terminal.json) log.info(line);
		else terminal.line([[STYLES[state], line.slice(0, state.length)], line.slice(state.length)]);
	}
	const broken = findings.filter(({ state }) => state === "broken");
	const warnings = findings.filter(({ state }) => state === "warning").length;
	const [first] = broken;
	if (first === void 0) {
		log.info(`Nothing here would break a deploy${warnings === 0 ? "" : `; warnings: ${warnings}`}.`);
		return { outcome: "reported" };
	}
	const others = broken.slice(1).map(({ check }) => check);
	const place = [first.cluster, first.job].filter((one) => one !== void 0).join(" ");
	const cause = `${place === "" ? "" : `${place}: `}${first.check}: ${first.text}${others.length === 0 ? "" : ` (also broken: ${[...new Set(others)].join(", ")})`}`;
	log.error(first.fix === void 0 ? cause : `${cause}. ${first.fix}`, "not-ready");
	return {
		outcome: "failed",
		failureReason: "not-ready",
		cause,
		...first.fix === void 0 ? {} : { hint: first.fix }
	};
}
export { doctor };
