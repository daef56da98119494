import { ft as setPaused } from "./steps.js";
// src/commands/pause.ts
/** `pause`: pauses the deployment of the newest version, so that Nomad places and replaces nothing more of it. */
async function pause(job, following, current) {
	const { TaskGroups } = await setPaused(job, true, following, current);
	const groups = Object.values(TaskGroups ?? {});
	const sum = (count) => groups.reduce((total, group) => total + count(group), 0);
	const hint = `The deployment is paused: ${`${sum(({ HealthyAllocs }) => HealthyAllocs)} of ${sum(({ DesiredTotal }) => DesiredTotal)} allocations of version ${job.Version} are healthy`}, and Nomad replaces no other until \`command: resume\`.`;
	current.runtime.log.info(hint);
	return {
		outcome: "paused",
		hint
	};
}
export { pause };
