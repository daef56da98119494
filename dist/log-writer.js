import { Fn as shortId } from "./steps.js";
import { l as isoTime } from "./runtime.js";
import { t as plainText } from "./plain.js";
// src/watch/terminal/colours.ts
/** Red is for errors. */
const COLOURS = [...[
	"cyan",
	"green",
	"yellow",
	"magenta",
	"blue"
], ...[
	"cyanBright",
	"greenBright",
	"yellowBright",
	"magentaBright",
	"blueBright"
]];
/**
* Returns a function that gives each allocation a colour by its id, so that it is the same in every run. An allocation whose colour another one has gets the next
* free colour.
*/
function colouring() {
	const given = /* @__PURE__ */ new Map();
	return (id) => {
		const known = given.get(id);
		if (known !== void 0) return COLOURS[known] ?? "cyan";
		const own = Number.parseInt(id.replaceAll("-", "").slice(0, 8), 16) || 0;
		const taken = new Set([...given.values()].slice(-COLOURS.length + 1));
		let at = own % COLOURS.length;
		while (taken.has(at)) at = (at + 1) % COLOURS.length;
		given.set(id, at);
		return COLOURS[at] ?? "cyan";
	};
}
// src/watch/terminal/log-writer.ts
/** `web[1]` of `shop.web[1]`. */
const slot = ({ Name }) => Name.replace(/^.*\./, "");
/** Returns the writer of a terminal: lines with name and colour of their allocation, or with `json` an object for each line. */
function logWriter({ line, event, json }, clock, grep) {
	const colourOf = colouring();
	const name = (allocation, task) => {
		const words = [
			shortId(allocation.ID),
			slot(allocation),
			task
		].filter((word) => word !== void 0 && word !== "");
		return [colourOf(allocation.ID), words.join(" ")];
	};
	const common = ({ ID, Name }, task) => ({
		allocation: ID,
		name: Name,
		...task === void 0 ? {} : { task }
	});
	return {
		lines: ({ allocation, task, stream }, lines) => {
			for (const text of lines.map(plainText)) {
				if (grep?.test(text) === false) continue;
				if (json) event({
					...common(allocation, task),
					stream,
					line: text,
					seenAt: isoTime(clock.now())
				});
				else line([
					name(allocation, task),
					stream === "stdout" ? " | " : ["red", " ! "],
					text
				]);
			}
		},
		note: ({ allocation, task }, text) => {
			if (json) event({
				...common(allocation, task),
				event: text,
				seenAt: isoTime(clock.now())
			});
			else line([name(allocation, task), ["dim", ` - ${text}`]]);
		}
	};
}
export { slot as n, logWriter as t };
