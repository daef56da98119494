// src/watch/terminal/usage.ts
/** The nodes are asked about so many allocations at a time. */
const AT_ONCE = 10;
/** Reads the use of the running allocations, by allocation and task; those whose node does not answer are left out. */
async function readUsage(allocations, nomad, namespace, signal) {
	const running = allocations.filter(({ ClientStatus }) => ClientStatus === "running");
	const found = [];
	for (let at = 0; at < running.length; at += AT_ONCE) {
		const some = running.slice(at, at + AT_ONCE);
		const read = await Promise.all(some.map(async ({ ID }) => nomad.allocations.usage(ID, namespace, signal).catch(() => void 0)));
		signal.throwIfAborted();
		for (const [i, { ID }] of some.entries()) {
			const usage = read[i];
			if (usage !== void 0) found.push([ID, usage]);
		}
	}
	return Object.fromEntries(found);
}
/** Returns the use of all tasks of an allocation; undefined where it is unknown. */
function sumOf(usage) {
	if (usage === void 0) return void 0;
	const all = Object.values(usage);
	return {
		cpuMhz: sum(all.map(({ cpuMhz }) => cpuMhz)),
		memoryMb: sum(all.map(({ memoryMb }) => memoryMb))
	};
}
/** The limits of an allocation or a task; 0: unknown. */
function limitsOf(job, { TaskGroup }, task) {
	const own = (job.TaskGroups?.find(({ Name }) => Name === TaskGroup)?.Tasks ?? []).filter(({ Name }) => task === void 0 || Name === task).map(({ Resources }) => Resources ?? {});
	return {
		cpuMhz: own.some(({ Cores }) => Boolean(Cores)) ? 0 : sum(own.map(({ CPU }) => CPU ?? 0)),
		memoryMb: sum(own.map(({ MemoryMB, MemoryMaxMB }) => MemoryMaxMB || (MemoryMB ?? 0)))
	};
}
/** Returns the restarts of all tasks of an allocation. */
const restartsOf = ({ TaskStates }) => sum(Object.values(TaskStates ?? {}).map(({ Restarts }) => Restarts));
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
/** Returns an amount beside its limit: `12/50 MHz`. */
function amount(used, limit, unit) {
	return `${used >= 10 || used === 0 ? String(Math.round(used)) : used.toFixed(1)}${limit > 0 ? `/${Math.round(limit)}` : ""} ${unit}`;
}
export { sumOf as a, restartsOf as i, limitsOf as n, readUsage as r, amount as t };
