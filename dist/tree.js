import { Fn as shortId, Vn as isIgnored, X as describeWait, Z as isUp, zn as describeFailing } from "./steps.js";
import { n as slot } from "./log-writer.js";
import { a as sumOf, i as restartsOf, n as limitsOf, t as amount } from "./usage.js";
// src/watch/terminal/tree.ts
/** Returns the lines of a job: its groups, and below each group its allocations with their checks. */
function tree(view) {
	return [...view.head, ...(view.job.TaskGroups ?? []).flatMap((group) => groupLines(view, group.Name, group.Count ?? 1))];
}
/** Returns the line of a deployment. */
function deploymentLine({ ID, Status, StatusDescription }) {
	const style = Status === "successful" ? "green" : /^(failed|cancelled)$/.test(Status) ? "red" : "yellow";
	return [
		`deployment ${shortId(ID)} `,
		[style, Status],
		StatusDescription === "" ? "" : `: ${StatusDescription}`
	];
}
function groupLines(view, name, wanted) {
	const own = view.allocations.filter(({ TaskGroup, NextAllocation }) => TaskGroup === name && !NextAllocation).sort((a, b) => a.Name.localeCompare(b.Name, "en", { numeric: true }) || a.CreateIndex - b.CreateIndex);
	const rows = own.map((allocation) => [allocationLine(view, allocation), ...checkLines(view, allocation)]);
	return [[["bold", name], `  ${counts(view, name, own, wanted)}`], ...rows.flatMap((lines, i) => lines.map((line, at) => {
		const isLast = i === rows.length - 1;
		return [["dim", at === 0 ? isLast ? "└─ " : "├─ " : isLast ? "   " : "│  "], ...typeof line === "string" ? [line] : line];
	}))];
}
function counts({ deployment, job }, name, own, wanted) {
	const group = deployment?.TaskGroups?.[name];
	const running = `${own.filter((one) => isUp(one, job)).length} of ${job.Type === "system" ? own.length : wanted} running`;
	if (group === void 0 || deployment === void 0 || deployment.Status === "successful") return running;
	const canaries = group.DesiredCanaries > 0 && !group.Promoted ? `, ${group.DesiredCanaries} ${group.DesiredCanaries === 1 ? "canary" : "canaries"} wanted` : "";
	return `${group.HealthyAllocs} of ${group.DesiredTotal} healthy, ${group.PlacedAllocs} placed${canaries}`;
}
function allocationLine({ job, usage, nowMs, minHealthyMs, deployment }, allocation) {
	const { ID, NodeName, ClientStatus, DeploymentStatus } = allocation;
	const healthy = DeploymentStatus?.Healthy;
	const isBad = healthy === false || /^(failed|lost)$/.test(ClientStatus);
	const isGood = !isBad && (ClientStatus === "complete" || ClientStatus === "running" && (healthy === true || deployment === void 0));
	const mark = isBad ? ["red", "✗"] : isGood ? ["green", "✓"] : ["yellow", "…"];
	const words = isGood || isBad ? (isGood || isBad ? [ClientStatus, healthy === true ? "healthy" : healthy === false ? "unhealthy" : void 0] : []).filter(Boolean).join(", ") : describeWait(allocation, nowMs, minHealthyMs).replace(`${slot(allocation)} `, "");
	const restarts = restartsOf(allocation);
	const canary = DeploymentStatus?.Canary === true ? ", canary" : "";
	return [
		mark,
		` ${shortId(ID)} ${slot(allocation)}  ${words}${canary}`,
		["dim", `  ${NodeName}`],
		restarts === 0 ? "" : ["yellow", `  ${restarts} restart${restarts === 1 ? "" : "s"}`],
		["dim", usageWords(sumOf(usage[ID]), limitsOf(job, allocation))]
	];
}
function usageWords(used, limits) {
	if (used === void 0) return "";
	return `  CPU ${amount(used.cpuMhz, limits.cpuMhz, "MHz")}  memory ${amount(used.memoryMb, limits.memoryMb, "MiB")}`;
}
function checkLines({ checks }, { ID }) {
	return (checks[ID] ?? []).filter((check) => !isIgnored(check)).map((check) => {
		const [style, mark] = check.Status === "success" ? ["green", "✓"] : check.Status === "failure" ? ["red", "✗"] : ["yellow", "…"];
		return [[style, `  ${mark}`], check.Status === "failure" ? ` ${describeFailing(check)}` : ` check "${check.Check}" of ${check.Service}: ${check.Status}`];
	});
}
export { tree as n, deploymentLine as t };
