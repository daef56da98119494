import { Fn as shortId } from "./steps.js";
// src/commands/urls.ts
/** `urls`: shows the addresses of a job: the hostnames that its services announce, and the ports of its running allocations. */
async function urls(job, { draft, nomad, rendering: { target } }, { runtime }) {
	const { log, signal } = runtime;
	const hosts = target.hostnames.filter((host) => announces(job, host)).map((host) => `https://${host}`);
	const ports = (await nomad.allocations.placed(job.ID, draft.namespace, signal)).filter(({ ClientStatus, DesiredStatus }) => ClientStatus === "running" && DesiredStatus === "run").flatMap(portsOf);
	for (const url of hosts) log.info(url);
	for (const { allocation, label, address } of ports) log.info(`${address} (${label} of ${allocation})`);
	if (hosts.length + ports.length === 0) log.info(`${job.ID} has no address: no running allocation has a port.`);
	return {
		outcome: "reported",
		ports,
		...hosts.length === 0 ? {} : {
			url: hosts[0] ?? "",
			urls: hosts
		}
	};
}
/** Returns whether a service of the job has a hostname in its tags, which is how routers learn of it. */
function announces({ TaskGroups }, host) {
	return (TaskGroups ?? []).flatMap(({ Services, Tasks }) => [...Services ?? [], ...(Tasks ?? []).flatMap((task) => task.Services ?? [])]).some(({ Tags }) => (Tags ?? []).some((tag) => tag.includes(host)));
}
function portsOf(allocation) {
	return (allocation.AllocatedResources?.Shared?.Ports ?? []).map(({ Label, Value, HostIP }) => ({
		allocation: `${allocation.Name} (${shortId(allocation.ID)})`,
		label: Label,
		address: `${HostIP.includes(":") ? `[${HostIP}]` : HostIP}:${Value}`
	}));
}
export { urls };
