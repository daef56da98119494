// src/report/describe.ts
/** Returns a job with its namespace and region, for a message: `job shop in the namespace default`. */
function jobText({ jobId, namespace, nomad: { region } }) {
	return `job ${jobId} in the namespace ${namespace}${region === void 0 ? "" : ` of the region ${region}`}`;
}
/** Returns the part of the result that names a job: its id, namespace and region, and its page in Nomad's UI. */
function describeJob(address, { jobId, namespace, nomad: { region } }) {
	const known = {
		jobId,
		namespace,
		...region === void 0 ? {} : { region }
	};
	if (address.startsWith("unix:")) return known;
	const query = region === void 0 ? "" : `?region=${encodeURIComponent(region)}`;
	return {
		...known,
		nomadUrl: `${address}/ui/jobs/${encodeURIComponent(jobId)}@${encodeURIComponent(namespace)}${query}`
	};
}
function describeRun({ command }, { repository, ref, sha, runUrl }) {
	return {
		command,
		repository,
		ref,
		sha,
		runUrl
	};
}
/** Tells where the apps go, and returns the part of the result that names the target of the first. */
function describeTargets(units, { log }) {
	for (const { target } of units) {
		const { url, sources, jobId, environment, notes } = target;
		const at = url === void 0 ? "" : `, ${url} (${sources.hostnames})`;
		log.info(`Environment ${environment.name} (${environment.source}), job ${jobId} (${sources.jobId})${at}`);
		for (const line of notes) log.info(line);
	}
	return describeTarget(units[0].target, units[0].inputs);
}
function describeTarget(target, inputs) {
	return {
		environment: target.environment.name,
		...target.nomadAddr === void 0 ? {} : { nomadAddr: target.nomadAddr.value },
		...inputs.command === "sweep" ? {} : { jobId: target.jobId },
		...inputs.nomadRegion === void 0 ? {} : { region: inputs.nomadRegion },
		...target.url === void 0 || inputs.command === "sweep" ? {} : {
			url: target.url,
			urls: target.hostnames.map((host) => `https://${host}`)
		}
	};
}
export { jobText as i, describeRun as n, describeTargets as r, describeJob as t };
