import { E as toActionError, T as sentence } from "./runtime.js";
import { vr as filterOf } from "./steps.js";
import { An as anything, Mn as matchesSteps, jn as literally } from "./start.js";
// src/forecast/implied.ts
const CNI = [
	"bridge",
	"firewall",
	"host-local",
	"loopback",
	"portmap"
];
const semver = (attribute, least) => ({
	LTarget: `\${attr.${attribute}}`,
	Operand: "semver",
	RTarget: `>= ${least}`
});
/** Returns the constraints that Nomad adds to a group because of its services, secrets, network and signals: see `jobImpliedConstraints` of Nomad's source. */
function implied({ Services, Tasks, Networks }) {
	const services = [Services, ...(Tasks ?? []).map((task) => task.Services)].flatMap((list) => list ?? []);
	const signals = (Tasks ?? []).flatMap(({ KillSignal, Templates }) => [KillSignal, ...(Templates ?? []).map(({ ChangeMode, ChangeSignal }) => ChangeMode === "signal" ? ChangeSignal : void 0)]);
	const asked = [...new Set(signals.flatMap((signal) => signal ? [signal] : []))].sort();
	return [
		...services.some(({ Provider }) => Provider === "nomad") ? [{
			LTarget: "${attr.nomad.service_discovery}",
			Operand: "=",
			RTarget: "true"
		}] : [],
		...services.filter(({ Provider }) => Provider !== "nomad").map(consul),
		...(Tasks ?? []).flatMap(({ Vault }) => Vault ? [vault(Vault.Cluster)] : []),
		...Networks?.[0]?.Mode === "bridge" ? CNI.map((plugin) => semver(`plugins.cni.version.${plugin}`, "0.4.0")) : [],
		...asked.length === 0 ? [] : [{
			LTarget: "${attr.os.signals}",
			Operand: "set_contains",
			RTarget: asked.join(",")
		}]
	];
}
const isDefault = (cluster) => !cluster || cluster === "default";
const consul = ({ Cluster }) => semver(isDefault(Cluster) ? "consul.version" : `consul.${Cluster}.version`, "1.8.0");
const vault = (cluster) => isDefault(cluster) ? semver("vault.version", "0.6.1") : semver(`vault.${cluster}.version`, "1.11.0");
// src/forecast/versions.ts
/** A version without a pre-release, and one with or without it. The text after `+` does not count. */
const PRE = "(-[0-9A-Za-z.~-]+)?";
const META = "([+].*)?";
const RELEASE = `^v?[0-9]+([.][0-9]+)*${META}$`;
const VERSION = `^v?[0-9]+([.][0-9]+)*${PRE}${META}$`;
const NUMBER = "^[0-9]+([.][0-9]+)?$";
/** The longest number that becomes a pattern. */
const MAX_DIGITS = 18;
const padded = (segment) => `0*${segment}`;
const testOf = (target) => (value, is = "matching") => ({
	target,
	is,
	value,
	ours: true
});
const anyOf = (patterns) => `(${patterns.join("|")})`;
/** Returns a pattern of the whole numbers above one, which has no zeros before it. */
function above(number) {
	const digits = number.split("");
	const sameLength = digits.flatMap((digit, at) => digit === "9" ? [] : [`${number.slice(0, at)}[${Number(digit) + 1}-9]${"[0-9]".repeat(digits.length - at - 1)}`]);
	return `0*${anyOf([`[1-9]${"[0-9]".repeat(digits.length)}[0-9]*`, ...sameLength])}`;
}
/** Returns a pattern of the versions with the segments of one; segments of 0 at the end may be missing or added. */
function same(segments) {
	const last = segments.findLastIndex((segment) => segment !== "0");
	const [first = "0", ...others] = segments.slice(0, Math.max(1, last + 1)).map(padded);
	return `${[first, ...others].join("[.]")}([.]0+)*`;
}
/** Returns a pattern of the versions above one, without what follows the segments. */
function newer(segments) {
	const longer = segments.flatMap((segment, at) => {
		return [`${segments.slice(0, at).map((one) => `0*${one}[.]`).join("")}${above(segment)}([.][0-9]+)*`];
	});
	const all = segments.map(padded).join("[.]");
	return anyOf([...longer, `${all}([.]0+)*[.]0*[1-9][0-9]*([.][0-9]+)*`]);
}
/** A constraint of a version without a pre-release, such as `>= 1.8.0`. */
const ONE = /^(=|!=|>=|<=|>|<|~>|)\s{0,9}v?(\d{1,18}(?:\.\d{1,18})*)$/;
/**
* Returns the conditions of a constraint of versions, such as `>= 1.2, < 2`; undefined for one that no pattern can tell. `semver` compares pre-releases; otherwise
* a version with a pre-release meets no comparison. See https://developer.hashicorp.com/nomad/docs/job-specification/constraint#operator
*/
function versionCondition(target, text, semver) {
	const parts = text.split(",").map((part) => oneVersion(target, part, semver));
	return parts.includes(void 0) ? void 0 : { all: parts.filter((part) => part !== void 0) };
}
function oneVersion(target, text, semver) {
	const [, operator = "", version] = ONE.exec(text.trim()) ?? [];
	if (version === void 0 || semver && operator === "~>") return void 0;
	const segments = version.split(".").map((segment) => segment.replace(/^0+(?=\d)/, ""));
	const test = testOf(target);
	const valid = test(semver ? VERSION : RELEASE);
	const equal = `${same(segments)}${META}`;
	const greater = `${newer(segments)}${semver ? PRE : ""}${META}`;
	const atLeast = `^v?(${greater}|${equal})$`;
	switch (operator) {
		case ">": return test(`^v?${greater}$`);
		case ">=": return test(atLeast);
		case "<": return { all: [valid, test(atLeast, "not matching")] };
		case "<=": return { all: [valid, test(`^v?${greater}$`, "not matching")] };
		case "!=": return { all: [test(VERSION), test(`^v?${equal}$`, "not matching")] };
		case "~>": return { all: [test(atLeast), ...segments.length === 1 ? [] : [test(`^v?${segments.slice(0, -1).map(padded).join("[.]")}([.][0-9]+)*${META}$`)]] };
		default: return test(`^v?${equal}$`);
	}
}
/** Returns the condition of `<`, `<=`, `>` or `>=` with a whole number; undefined for any other value, which Nomad compares as a fraction or as text. */
function numberCondition(target, operator, text) {
	if (!/^\d+$/.test(text) || text.length > MAX_DIGITS) return void 0;
	const number = text.replace(/^0+(?=\d)/, "");
	const test = testOf(target);
	const greater = `${above(number)}([.][0-9]+)?|0*${number}[.][0-9]*[1-9][0-9]*`;
	const atLeast = `^(${greater}|0*${number}([.]0+)?)$`;
	switch (operator) {
		case ">": return test(`^(${greater})$`);
		case ">=": return test(atLeast);
		case "<": return { all: [test(NUMBER), test(atLeast, "not matching")] };
		default: return { all: [test(NUMBER), test(`^(${greater})$`, "not matching")] };
	}
}
// src/forecast/constraints.ts
const written = ({ LTarget, Operand, RTarget }) => [
	LTarget,
	Operand,
	RTarget
].filter(Boolean).join(" ");
const nameIn = (target) => /^\$\{(.*)\}$/s.exec(target)?.[1];
/** Constraints that compare allocations, and not nodes. */
const isDistinct = ({ Operand }) => Operand?.startsWith("distinct_") === true;
/** Returns the constraints of a group, with those of its job, its tasks, and those that Nomad adds to it. */
function wantedOf(job, group) {
	const own = [
		job.Constraints,
		group.Constraints,
		...(group.Tasks ?? []).map(({ Constraints }) => Constraints)
	].flatMap((list) => list ?? []);
	const all = [...own, ...implied(group).filter(({ LTarget }) => !own.some((one) => one.LTarget === LTarget))];
	return [...new Map(all.filter((one) => !isDistinct(one)).map((one) => [written(one), one]))].map(([text, constraint]) => ({
		text,
		condition: conditionOf(constraint)
	}));
}
function conditionOf({ LTarget, Operand, RTarget }) {
	const target = nameIn(LTarget ?? "");
	const value = RTarget ?? "";
	if (target === void 0 || value.startsWith("${")) return void 0;
	const contains = (item) => {
		const exact = item.trim().replace(/[^\w\u0080-\uffff]/g, String.raw`\$&`);
		return {
			target,
			is: "matching",
			value: String.raw`(^|,)\s*${exact}\s*(,|$)`,
			ours: true
		};
	};
	switch (Operand ?? "=") {
		case "":
		case "=":
		case "==":
		case "is": return {
			target,
			is: "equal",
			value
		};
		case "!=":
		case "not": return {
			target,
			is: "unlike",
			value
		};
		case "is_set": return {
			target,
			is: "set"
		};
		case "is_not_set": return {
			target,
			is: "unset"
		};
		case "regexp": return {
			target,
			is: "matching",
			value
		};
		case "version":
		case "semver": return versionCondition(target, value, Operand === "semver");
		case "set_contains":
		case "set_contains_all": return { all: value.split(",").map(contains) };
		case "set_contains_any": return { some: value.split(",").map(contains) };
		case "<":
		case "<=":
		case ">":
		case ">=": return numberCondition(target, Operand ?? "", value);
		default: return;
	}
}
/** Returns the distinct hosts and values of a group. Nomad ignores such constraints of tasks. */
function distinctOf(job, group) {
	const hosts = (list) => (list ?? []).some(({ Operand, RTarget }) => Operand === "distinct_hosts" && !/^(?:0|f|F|false|FALSE|False)$/.test(RTarget ?? ""));
	const properties = (list, of) => (list ?? []).flatMap(({ Operand, LTarget, RTarget }) => Operand === "distinct_property" ? [{
		target: nameIn(LTarget ?? "") ?? "",
		limit: RTarget ? Number(RTarget) : 1,
		of
	}] : []);
	return {
		hosts: hosts(job.Constraints) ? "job" : hosts(group.Constraints) ? "group" : void 0,
		properties: [...properties(job.Constraints, "job"), ...properties(group.Constraints, "group")]
	};
}
const KNOWN = {
	"node.unique.id": ({ ID }) => ID ?? "",
	"node.unique.name": ({ Name }) => Name,
	"node.datacenter": ({ Datacenter }) => Datacenter,
	"node.class": ({ NodeClass }) => NodeClass ?? "",
	"node.pool": ({ NodePool }) => NodePool ?? "default",
	"attr.nomad.version": ({ Version }) => Version ?? ""
};
/** Returns a value of a node that the list of nodes has; undefined for the others. */
const knownOf = (node, target) => KNOWN[target]?.(node);
/** Returns whether the list of nodes tells about a condition. A pattern of the user is left to Nomad, whose patterns take linear work. */
function isKnown(condition) {
	if ("all" in condition) return condition.all.every(isKnown);
	if ("some" in condition) return condition.some.every(isKnown);
	return KNOWN[condition.target] !== void 0 && (!("value" in condition) || !condition.is.endsWith("matching") || condition.ours === true);
}
/** Returns whether a node meets a known condition. */
function meets(node, condition) {
	if ("all" in condition) return condition.all.every((one) => meets(node, one));
	if ("some" in condition) return condition.some.some((one) => meets(node, one));
	const value = knownOf(node, condition.target) ?? "";
	switch (condition.is) {
		case "set": return true;
		case "unset": return false;
		case "equal": return value === condition.value;
		case "unlike": return value !== condition.value;
		default: return new RegExp(condition.value).test(value) === (condition.is === "matching");
	}
}
// src/forecast/resources.ts
/** Nomad's defaults for a task without resources. */
const DEFAULTS = {
	CPU: 100,
	MemoryMB: 300
};
const DEFAULT_DISK_MIB = 300;
/** Nomad's defaults for the proxy of a service of the mesh. */
const PROXY = {
	CPU: 250,
	MemoryMB: 128
};
/** Returns the most that tasks use at a time. */
function atOnce(shares) {
	const of = (amount) => {
		const sums = {
			before: 0,
			main: 0,
			after: 0
		};
		for (const share of shares) {
			const { Hook, Sidecar } = share.when ?? {};
			if (Hook === "prestart") sums.before += amount(share);
			if (Hook === "poststop") sums.after += amount(share);
			else if (Hook !== "prestart" || Sidecar === true) sums.main += amount(share);
		}
		return Math.max(sums.before, sums.main, sums.after);
	};
	return {
		cpuMhz: of(({ cpuMhz }) => cpuMhz),
		memoryMib: of(({ memoryMib }) => memoryMib)
	};
}
const isProxy = ({ Connect }) => Boolean(Connect?.SidecarService ?? Connect?.SidecarTask ?? Connect?.Gateway);
/** Returns the resources that one allocation of a group requests, with those of the proxies that Nomad adds. */
function demandOf(group) {
	const tasks = group.Tasks ?? [];
	const proxies = [group.Services, ...tasks.map(({ Services }) => Services)].flatMap((list) => list ?? []).filter(isProxy);
	const shares = tasks.map((task) => {
		const { CPU, Cores, MemoryMB, SecretsMB } = task.Resources ?? {};
		return {
			when: task.Lifecycle,
			cpuMhz: Cores ? 0 : CPU ?? DEFAULTS.CPU,
			memoryMib: (MemoryMB ?? DEFAULTS.MemoryMB) + (SecretsMB ?? 0)
		};
	});
	const added = proxies.map(({ Connect }) => {
		const own = Connect?.SidecarTask?.Resources;
		return {
			when: {
				Hook: "prestart",
				Sidecar: true
			},
			cpuMhz: own?.CPU ?? PROXY.CPU,
			memoryMib: own?.MemoryMB ?? PROXY.MemoryMB
		};
	});
	const [network] = group.Networks ?? [];
	const dynamic = [...network?.DynamicPorts ?? [], ...proxies.map(() => ({ HostNetwork: "" }))];
	return {
		...atOnce([...shares, ...added]),
		diskMib: group.EphemeralDisk?.SizeMB ?? DEFAULT_DISK_MIB,
		cores: tasks.reduce((sum, { Resources }) => sum + (Resources?.Cores ?? 0), 0),
		staticPorts: (network?.ReservedPorts ?? []).map(({ Label, Value, HostNetwork, IgnoreCollision }) => ({
			label: Label,
			port: Value ?? 0,
			network: HostNetwork || "default",
			shared: IgnoreCollision === true
		})),
		dynamicPorts: countBy(dynamic.map(({ HostNetwork }) => HostNetwork || "default")),
		devices: tasks.flatMap(({ Resources }) => (Resources?.Devices ?? []).map(({ Name, Count }) => ({
			name: Name ?? "",
			count: Count ?? 1
		})))
	};
}
function countBy(names) {
	const counts = /* @__PURE__ */ new Map();
	for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
	return counts;
}
/** Returns the drivers of the tasks of a group. */
const driversOf = (group) => [...new Set((group.Tasks ?? []).map(({ Driver }) => Driver))];
/** Returns the resources that allocations of one node use. */
function usageOf(allocations) {
	const sums = {
		cpuMhz: 0,
		memoryMib: 0,
		diskMib: 0
	};
	const cores = /* @__PURE__ */ new Set();
	const ports = /* @__PURE__ */ new Map();
	const devices = /* @__PURE__ */ new Map();
	const add = (to, key, items) => {
		const found = to.get(key) ?? /* @__PURE__ */ new Set();
		for (const item of items) found.add(item);
		to.set(key, found);
	};
	for (const { AllocatedResources } of allocations) {
		const { Shared, Tasks, TaskLifecycles } = AllocatedResources ?? {};
		const tasks = Object.entries(Tasks ?? {});
		const isWhole = ({ Cpu }) => (Cpu?.ReservedCores ?? []).length > 0;
		const share = ([name, task]) => ({
			when: TaskLifecycles?.[name],
			cpuMhz: isWhole(task) ? 0 : task.Cpu?.CpuShares ?? 0,
			memoryMib: task.Memory?.MemoryMB ?? 0
		});
		const { cpuMhz, memoryMib } = atOnce(tasks.map(share));
		sums.cpuMhz += cpuMhz;
		sums.memoryMib += memoryMib;
		sums.diskMib += Shared?.DiskMB ?? 0;
		for (const { HostIP, Value } of Shared?.Ports ?? []) add(ports, HostIP, [Value]);
		for (const [, task] of tasks) {
			if (isWhole(task)) sums.cpuMhz += task.Cpu?.CpuShares ?? 0;
			for (const core of task.Cpu?.ReservedCores ?? []) cores.add(core);
			for (const { Vendor, Type, Name, DeviceIDs } of task.Devices ?? []) add(devices, `${Vendor}/${Type}/${Name}`, DeviceIDs ?? []);
			for (const { IP, ReservedPorts, DynamicPorts } of task.Networks ?? []) add(ports, IP ?? "", [...ReservedPorts ?? [], ...DynamicPorts ?? []].map(({ Value }) => Value));
		}
	}
	return {
		...sums,
		cores,
		ports,
		devices
	};
}
// src/forecast/room.ts
/** The most allocations of a group on a node: more than anybody runs. */
const MAX_ROOM = 1e4;
/** Nomad's range of dynamic ports. */
const DYNAMIC = {
	min: 2e4,
	max: 32e3
};
const MAX_PORT = 65536;
/** Returns the ports of a text such as `22,8000-8100`. */
function portsOf(text) {
	return (text ?? "").split(",").flatMap((part) => {
		const [, from, to] = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(part) ?? [];
		const [first, last] = [Number(from), Number(to ?? from)];
		return from === void 0 || last < first || last > MAX_PORT ? [] : Array.from({ length: last - first + 1 }, (_, i) => first + i);
	});
}
const speedOf = ({ MaxSpeed, BaseSpeed, GuessSpeed }) => GuessSpeed || MaxSpeed || BaseSpeed || 0;
/** Returns the speeds of the free processors, in MHz, in the order in which Nomad takes them. */
function freeCores({ NodeResources }, used) {
	const known = NodeResources?.Processors?.Topology?.Cores ?? [];
	const { CpuShares, TotalCpuCores } = NodeResources?.Cpu ?? {};
	const total = TotalCpuCores ?? 0;
	return (known.length > 0 ? known : Array.from({ length: total }, (_, ID) => ({
		ID,
		GuessSpeed: (CpuShares ?? 0) / total
	}))).filter(({ ID, Disable }) => Disable !== true && !used.has(ID)).sort((a, b) => a.ID - b.ID).map(speedOf);
}
/** Returns the resources of a node that are neither reserved nor used. */
function freeOf(node, used) {
	const { NodeResources: all, ReservedResources: kept } = node;
	const reserved = portsOf(kept?.Networks?.ReservedHostPorts);
	const addresses = /* @__PURE__ */ new Map();
	const listed = (all?.NodeNetworks ?? []).flatMap(({ Addresses }) => Addresses ?? []);
	for (const { Alias, Address: address, ReservedPorts } of listed) {
		const one = {
			reserved: /* @__PURE__ */ new Set([...reserved, ...portsOf(ReservedPorts)]),
			used: used.ports.get(address) ?? /* @__PURE__ */ new Set()
		};
		addresses.set(Alias || "default", [...addresses.get(Alias || "default") ?? [], one]);
	}
	const devices = (all?.Devices ?? []).map(({ Vendor, Type, Name, Instances }) => {
		const name = `${Vendor}/${Type}/${Name}`;
		return [name, (Instances ?? []).filter(({ ID, Healthy }) => Healthy === true && used.devices.get(name)?.has(ID) !== true).length];
	});
	return {
		cpuMhz: (all?.Cpu?.CpuShares ?? 0) - (kept?.Cpu?.CpuShares ?? 0) - used.cpuMhz,
		memoryMib: (all?.Memory?.MemoryMB ?? 0) - (kept?.Memory?.MemoryMB ?? 0) - used.memoryMib,
		diskMib: (all?.Disk?.DiskMB ?? 0) - (kept?.Disk?.DiskMB ?? 0) - used.diskMib,
		cores: freeCores(node, used.cores),
		addresses,
		dynamic: {
			min: all?.MinDynamicPort || DYNAMIC.min,
			max: all?.MaxDynamicPort || DYNAMIC.max
		},
		devices: new Map(devices)
	};
}
const isFree = ({ reserved, used }, port) => !reserved.has(port) && !used.has(port);
function freeDynamic({ reserved, used }, { min, max }) {
	let taken = 0;
	for (const port of /* @__PURE__ */ new Set([...reserved, ...used])) if (port >= min && port <= max) taken++;
	return Math.max(0, max - min + 1 - taken);
}
/** Returns whether a request such as `gpu`, `nvidia/gpu` or `nvidia/gpu/t4` names the devices `vendor/type/name`. */
function isDevice(asked, id) {
	const [vendor, type, ...name] = id.split("/");
	return [
		type,
		`${vendor}/${type}`,
		`${vendor}/${type}/${name.join("/")}`
	].includes(asked);
}
function bounds(free, demand) {
	const amount = (dimension, has, asked) => ({
		room: asked <= 0 ? has < 0 ? 0 : MAX_ROOM : Math.floor(has / asked),
		lack: (count) => ({
			dimension,
			amount: Math.ceil(count * asked - has),
			weight: (count * asked - has) / (asked || 1)
		})
	});
	const { cores } = demand;
	const withCores = {
		room: Math.floor(free.cores.length / cores),
		lack: (count) => coresLack(free, count * cores, cores)
	};
	const ports = demand.staticPorts.filter(({ shared }) => !shared);
	return [
		amount("memory", free.memoryMib, demand.memoryMib),
		cores === 0 ? amount("cpu", free.cpuMhz, demand.cpuMhz) : {
			room: roomWithCores(free, demand),
			lack: cpuLack(free, demand)
		},
		amount("disk", free.diskMib, demand.diskMib),
		...cores === 0 ? [] : [withCores],
		...ports.map(({ label, port, network }) => ({
			room: (free.addresses.get(network) ?? []).filter((address) => isFree(address, port)).length,
			lack: () => ({
				dimension: "static port",
				amount: port,
				name: label,
				weight: 1
			})
		})),
		...[...demand.dynamicPorts].map(([network, count]) => {
			const all = (free.addresses.get(network) ?? []).reduce((sum, address) => sum + freeDynamic(address, free.dynamic), 0);
			return {
				room: Math.floor(all / count),
				lack: (times) => ({
					dimension: "dynamic ports",
					amount: times * count - all,
					weight: 1
				})
			};
		}),
		...demand.devices.map(({ name, count }) => {
			const found = [...free.devices].filter(([id]) => isDevice(name, id)).map(([, left]) => left);
			return {
				room: found.reduce((sum, left) => sum + Math.floor(left / count), 0),
				lack: () => ({
					dimension: "device",
					amount: count - Math.max(0, ...found),
					name,
					weight: 1
				})
			};
		})
	];
}
/** Returns the number of allocations by the speed of the processors that they take, of which Nomad takes those with the lowest ids first. */
function roomWithCores({ cores, cpuMhz }, demand) {
	let [left, room] = [cpuMhz, 0];
	for (let at = 0; at + demand.cores <= cores.length; at += demand.cores, room++) {
		left -= demand.cpuMhz + sum(cores.slice(at, at + demand.cores));
		if (left < 0) break;
	}
	return room;
}
const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
const coresLack = ({ cores }, asked, each) => ({
	dimension: "cores",
	amount: asked - cores.length,
	weight: (asked - cores.length) / each
});
const cpuLack = ({ cores, cpuMhz }, demand) => (count) => {
	const asked = count * demand.cpuMhz + sum(cores.slice(0, count * demand.cores));
	return {
		dimension: "cpu",
		amount: Math.ceil(asked - cpuMhz),
		weight: (asked - cpuMhz) / Math.max(1, asked)
	};
};
/** Returns the number of allocations of a group that a node takes beside those that it has. */
function roomOn(free, demand) {
	const all = bounds(free, demand);
	const count = Math.max(0, Math.min(MAX_ROOM, ...all.map(({ room }) => room)));
	return {
		count,
		lacks: all.filter(({ room }) => room <= count).flatMap(({ lack }) => [lack(count + 1)].filter(({ amount }) => amount > 0))
	};
}
// src/forecast/filters.ts
/** Returns the filters of a group, in the order of Nomad's scheduler. */
function filtersOf(group, wanted, judged) {
	const drivers = driversOf(group);
	const known = wanted.flatMap(({ text, condition }) => condition !== void 0 && isKnown(condition) ? [{
		text,
		condition
	}] : []);
	const asked = wanted.filter(({ condition }) => condition === void 0 || !isKnown(condition)).map(({ text }) => text);
	const told = asked.filter((text) => judged?.constraints.includes(text) === true);
	const volumes = Object.values(group.Volumes ?? {});
	const host = volumes.filter(({ Type }) => Type === "host");
	const [network] = group.Networks ?? [];
	const devices = (group.Tasks ?? []).flatMap(({ Resources }) => Resources?.Devices ?? []);
	const reason = (node) => {
		const driver = drivers.find((name) => node.Drivers?.[name]?.Healthy !== true || node.Drivers[name]?.Detected === false);
		if (driver !== void 0) return `without the driver ${driver}`;
		const unmet = known.find(({ condition }) => !meets(node, condition));
		if (unmet !== void 0) return `without ${unmet.text}`;
		if (told.length > 0 && judged?.ids.has(node.ID ?? "") !== true) return `without ${told.join(" and ")}`;
		const volume = host.find(({ Source, ReadOnly, PerAlloc }) => !hasVolume(node, Source ?? "", ReadOnly === true, PerAlloc === true));
		if (volume !== void 0) return `without the host volume ${volume.Source}`;
		const missing = network === void 0 ? void 0 : missingNetwork(node, network);
		if (missing !== void 0) return missing;
		const device = devices.find(({ Name, Count }) => !hasDevice(node, Name ?? "", Count ?? 1));
		return device === void 0 ? void 0 : `without the device ${device.Name}`;
	};
	return {
		reason,
		unknown: [
			...asked.filter((text) => !told.includes(text)).map((text) => `the constraint ${text}`),
			...volumes.filter(({ Type }) => Type === "csi").map(({ Source }) => `the CSI volume ${Source}`),
			...host.filter(({ PerAlloc }) => PerAlloc === true).map(({ Source }) => `the indexes of the host volume ${Source}`),
			...devices.filter(({ Constraints }) => (Constraints ?? []).length > 0).map(({ Name }) => `the constraints of the device ${Name}`),
			...(group.Tasks ?? []).some(({ Resources }) => Resources?.NUMA) ? ["the NUMA nodes"] : []
		]
	};
}
/** Returns whether a node has a volume for writing, or for reading. The access modes of a dynamic volume are not in the list of nodes. */
function hasVolume({ HostVolumes }, source, readOnly, perAlloc) {
	const all = Object.entries(HostVolumes ?? {});
	return (perAlloc ? all.filter(([name]) => name.startsWith(`${source}[`)) : all.filter(([name]) => name === source)).some(([, { ReadOnly }]) => readOnly || ReadOnly !== true);
}
function missingNetwork({ NodeResources }, { Mode, ReservedPorts, DynamicPorts }) {
	const mode = Mode || "host";
	if (mode === "none") return void 0;
	if (!(NodeResources?.Networks ?? []).some((one) => (one.Mode || "host") === mode)) return `without the network mode ${mode}`;
	const aliases = (NodeResources?.NodeNetworks ?? []).flatMap(({ Addresses }) => (Addresses ?? []).map(({ Alias }) => Alias));
	const missing = [...ReservedPorts ?? [], ...DynamicPorts ?? []].flatMap(({ HostNetwork }) => HostNetwork ? [HostNetwork] : []).find((name) => !aliases.includes(name));
	return missing === void 0 ? void 0 : `without the host network ${missing}`;
}
function hasDevice({ NodeResources }, name, count) {
	return (NodeResources?.Devices ?? []).some(({ Vendor, Type, Name, Instances }) => isDevice(name, `${Vendor}/${Type}/${Name}`) && (Instances ?? []).filter(({ Healthy }) => Healthy === true).length >= count);
}
// src/forecast/places.ts
/** Returns the room of a group on the suitable nodes. */
function placesOf(demand, distinct, at) {
	const bars = distinct.hosts === "job" ? at.own : at.isOwn;
	const oneEach = at.perNode || distinct.hosts !== void 0;
	const places = at.suitable.map((node) => {
		const there = (at.byNode.get(node.ID ?? "") ?? []).filter((one) => !at.leaves(one));
		if (distinct.hosts !== void 0 && there.some(bars)) return {
			node,
			taken: true,
			room: {
				count: 0,
				lacks: []
			}
		};
		const room = roomOn(freeOf(node, usageOf(there)), demand);
		return {
			node,
			taken: false,
			room: oneEach && room.count > 0 ? {
				count: 1,
				lacks: []
			} : room
		};
	});
	const total = places.reduce((sum, { room }) => sum + room.count, 0);
	const limits = distinct.properties.map((property) => propertyLimit(property, places, at));
	const room = Math.min(total, ...limits.filter((limit) => limit !== void 0));
	const ending = distinct.properties.find((_property, i) => limits[i] === room && room < total);
	const isTaken = room === 0 && places.some(({ taken }) => taken);
	const unread = distinct.properties.flatMap(({ target }, i) => limits[i] === void 0 ? [`distinct_property \${${target}}`] : []);
	return {
		room,
		fits: places.filter((place) => place.room.count > 0).length,
		nearest: nearestOf(places),
		limit: ending === void 0 ? isTaken ? "distinct_hosts" : void 0 : `distinct_property \${${ending.target}}`,
		unknown: unread.length > 0 || limits.length < 2 ? unread : ["the distinct_property constraints together"]
	};
}
/** Returns the room that a limit for each value of a property leaves; undefined for a property that the list of nodes lacks. */
function propertyLimit({ target, limit, of }, places, at) {
	const [first] = at.all;
	if (first === void 0 || knownOf(first, target) === void 0) return void 0;
	const isSame = of === "job" ? at.own : at.isOwn;
	const counts = (one) => one.DesiredStatus === "run" && isSame(one) && !at.leaves(one);
	const used = tally(at.all, target, ({ ID }) => (at.byNode.get(ID ?? "") ?? []).filter(counts).length);
	return [...tally(places, target, ({ room }) => room.count)].reduce((sum, [value, room]) => sum + Math.max(0, Math.min(room, limit - (used.get(value) ?? 0))), 0);
}
/** Returns sums over nodes, by the value of a property. */
function tally(list, target, of) {
	const sums = /* @__PURE__ */ new Map();
	for (const one of list) {
		const value = knownOf("node" in one ? one.node : one, target) ?? "";
		sums.set(value, (sums.get(value) ?? 0) + of(one));
	}
	return sums;
}
function nearestOf(places) {
	const weigh = ({ room }) => room.lacks.reduce((sum, { weight }) => sum + weight, 0);
	let best;
	for (const place of places) if (place.room.lacks.length > 0 && (best === void 0 || weigh(place) < weigh(best))) best = place;
	return best === void 0 ? void 0 : {
		node: best.node.Name,
		lacks: best.room.lacks
	};
}
// src/forecast/quota.ts
/** The words of Nomad Enterprise for a quota that a group exceeds: `memory exhausted (2048 needed > 1024 limit)`. */
const EXHAUSTED = /^(\w+) exhausted \((\d{1,15}) needed > (\d{1,15}) limit\)$/;
const ASKED = {
	memory: [" MiB", ({ memoryMib }) => memoryMib],
	cpu: [" MHz", ({ cpuMhz }) => cpuMhz]
};
/** Returns the rest of a quota in sentences, by the reasons of a plan. A text in other words is shown as it is. */
function quotaLeft(reasons, demand) {
	return reasons.map((reason) => {
		const [, dimension = "", needed, limit] = EXHAUSTED.exec(reason) ?? [];
		const [unit, of] = ASKED[dimension] ?? [];
		if (of === void 0) return `the quota of the namespace: ${reason}`;
		return `the quota of the namespace leaves ${Math.max(0, Number(limit) - (Number(needed) - of(demand)))}${unit} of ${dimension}, and one allocation needs ${of(demand)}${unit}`;
	});
}
// src/forecast/forecast.ts
const ENDED = [
	"complete",
	"failed",
	"lost"
];
/**
* Returns the place that each group of a job finds on the nodes: the numbers are those of Nomad's scheduler. It takes the work of reading each node and each
* allocation once for each group, and asks nothing.
*/
function forecast(job, nodes, allocations, scheduler) {
	const byNode = /* @__PURE__ */ new Map();
	for (const allocation of allocations) {
		if (ENDED.includes(allocation.ClientStatus)) continue;
		const id = allocation.NodeID ?? "";
		const there = byNode.get(id);
		if (there === void 0) byNode.set(id, [allocation]);
		else there.push(allocation);
	}
	const inReach = nodes.filter(reachOf(job));
	return (job.TaskGroups ?? []).map((group) => ofGroup(group, {
		job,
		nodes: inReach,
		all: nodes,
		byNode,
		scheduler
	}));
}
/** Returns the test of a node for the datacenters, which may have stars, and the pool of a job. */
function reachOf({ Datacenters, NodePool }) {
	const patterns = (Datacenters ?? ["*"]).map((pattern) => pattern.split("*").flatMap((part, i) => [...i > 0 ? [{ many: anything }] : [], ...literally(part)]));
	const pool = NodePool || "default";
	return (node) => (pool === "all" || (node.NodePool || "default") === pool) && patterns.some((steps) => matchesSteps(steps, node.Datacenter));
}
function ofGroup(group, cluster) {
	const { job, nodes, byNode, scheduler } = cluster;
	const ready = nodes.filter(({ Status, SchedulingEligibility }) => Status === "ready" && SchedulingEligibility === "eligible");
	const filters = filtersOf(group, wantedOf(job, group), scheduler.judged);
	const distinct = distinctOf(job, group);
	const { suitable, filtered } = sift(ready, filters);
	const own = (allocation) => allocation.JobID === job.ID && (allocation.Namespace ?? scheduler.namespace) === scheduler.namespace;
	const isOwn = (allocation) => own(allocation) && allocation.TaskGroup === group.Name;
	const { canaries, placed, replaced, inPlace } = stepOf(scheduler.updates[group.Name] ?? {});
	const perNode = job.Type?.startsWith("sys") === true;
	const demand = demandOf(group);
	const at = {
		all: cluster.all,
		byNode,
		suitable,
		own,
		isOwn,
		perNode
	};
	const now = placesOf(demand, distinct, {
		...at,
		leaves: perNode ? isOwn : () => false
	});
	const isReplaced = canaries + replaced > 0;
	const later = isReplaced ? placesOf(demand, distinct, {
		...at,
		leaves: isOwn
	}) : now;
	/** New allocations come beside the running ones, unless they replace them. */
	const needsBeside = canaries > 0 || replaced === 0;
	const decisive = needsBeside ? now : later;
	const failure = scheduler.failures[group.Name];
	return {
		group: group.Name,
		perNode,
		canaries,
		placed,
		replaced,
		filtered,
		nodes: ready.length,
		notReady: nodes.length - ready.length,
		suitable: suitable.length,
		fits: now.fits,
		room: now.room,
		largest: later.room + (isReplaced ? 0 : runningOf(byNode, isOwn)),
		missing: failure === void 0 ? 0 : failure.CoalescedFailures + 1,
		isFull: needsBeside ? canaries + placed > now.room : (group.Count ?? 1) > later.room,
		nearest: decisive.nearest,
		distinct: decisive.limit,
		shares: (job.TaskGroups ?? []).length > 1,
		unknown: [
			...filters.unknown,
			...now.unknown,
			...replaced + inPlace > 0 ? countedTwice(distinct) : []
		],
		quota: quotaLeft(failure?.QuotaExhausted ?? [], demand),
		preemption: scheduler.preemption === true,
		evicts: scheduler.evicts
	};
}
/** Returns the nodes that a group may run on, and the number of the others by reason, the most frequent first. */
function sift(ready, { reason }) {
	const counts = /* @__PURE__ */ new Map();
	return {
		suitable: ready.filter((node) => {
			const found = reason(node);
			if (found !== void 0) counts.set(found, (counts.get(found) ?? 0) + 1);
			return found === void 0;
		}),
		filtered: [...counts].sort(([, a], [, b]) => b - a)
	};
}
const stepOf = ({ Canary, Place, Migrate, DestructiveUpdate, InPlaceUpdate }) => ({
	canaries: Canary ?? 0,
	placed: (Place ?? 0) + (Migrate ?? 0),
	replaced: DestructiveUpdate ?? 0,
	inPlace: InPlaceUpdate ?? 0
});
/** Returns the constraints for which Nomad counts some allocations twice, or still, that it updates or stops in the same step. */
const countedTwice = ({ properties }) => properties.flatMap(({ target, limit }) => limit > 1 ? [`distinct_property \${${target}} beside updated allocations`] : []);
/** Returns the number of allocations of a group that run and stay. */
function runningOf(byNode, isOwn) {
	const stays = (one) => isOwn(one) && one.DesiredStatus === "run" && one.ClientStatus !== "unknown";
	let count = 0;
	for (const list of byNode.values()) count += list.filter(stays).length;
	return count;
}
// src/forecast/sentences.ts
/** The most reasons and names in one sentence. */
const MAX_NAMED = 3;
const of = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
const LACKS = {
	memory: ({ amount }) => `${amount} MiB more memory`,
	cpu: ({ amount }) => `${amount} MHz more CPU`,
	disk: ({ amount }) => `${amount} MiB more disk`,
	cores: ({ amount }) => of(amount, "more core"),
	"static port": ({ amount, name }) => `a free port ${amount} (${name})`,
	"dynamic ports": ({ amount }) => of(amount, "more dynamic port"),
	device: ({ amount, name }) => `${amount} more ${name}`
};
/** Returns the forecast of a group as one sentence without its end: `web fits on 7 of 12 nodes; room for 9 more; the canary needs 1`. */
function describeGroup(all) {
	const { group, fits, nodes, perNode, suitable, room, unknown } = all;
	return [
		`${group} fits on ${fits} of ${perNode ? `${suitable} suitable` : `${nodes}`} node${(perNode ? suitable : nodes) === 1 ? "" : "s"}${aside(all)}`,
		...perNode ? [] : [`room for ${unknown.length > 0 ? "at most " : ""}${room} more`],
		...needs(all),
		...shortage(all),
		...unknown.length > 0 ? [`not known: ${some(unknown)}`] : []
	].join("; ");
}
function some(list) {
	const more = list.length - MAX_NAMED;
	return `${list.slice(0, MAX_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
function aside({ filtered, notReady }) {
	const reasons = [...filtered.map(([reason, count]) => `${count} ${reason}`), ...notReady > 0 ? [`${notReady} more ${notReady === 1 ? "is" : "are"} not ready`] : []];
	return reasons.length === 0 ? "" : ` (${some(reasons)})`;
}
function needs({ canaries, placed, replaced, perNode }) {
	if (perNode) return [];
	if (canaries > 0) return [canaries === 1 ? "the canary needs 1" : `the canaries need ${canaries}`];
	return [...placed > 0 ? [`the deploy adds ${placed}`] : [], ...replaced > 0 ? [`${replaced} ${replaced === 1 ? "is" : "are"} replaced as the old stop${replaced === 1 ? "s" : ""}`] : []];
}
function shortage(all) {
	const { nearest, suitable, largest, canaries, placed, replaced, room, perNode, quota, preemption, evicts, missing, group, isFull, shares, distinct } = all;
	if (missing === 0) {
		if (!(canaries + placed > room && replaced === 0 && !perNode)) return [];
		return [evicts ? "the deploy evicts allocations of other jobs for it" : "Nomad's plan places all of them"];
	}
	if (quota.length > 0) return [...quota];
	if (!(perNode || isFull)) return [`Nomad's plan places ${missing} fewer, ${shares ? "beside the other groups" : "for a reason that the nodes do not show"}`];
	const lacks = nearest?.lacks.map((lack) => LACKS[lack.dimension](lack)).join(" and ");
	return [
		...distinct === void 0 ? [] : [`${distinct} leaves no room for more`],
		...distinct !== void 0 || nearest === void 0 ? [] : [`${group} needs ${lacks} on ${nearest.node}, the best of ${suitable}`],
		...canaries > 0 || perNode ? [] : [`the largest count that fits is ${largest}`],
		...preemption ? ["preemption may help"] : []
	];
}
// src/forecast/read.ts
/** The largest cluster that is read. */
const MAX_NODES = 5e3;
const MAX_ALLOCATIONS = 5e4;
/** The longest time for all requests: a forecast is no reason to wait. */
const TIME_LIMIT_MS = 15e3;
/** The longest filter: proxies refuse long addresses. */
const MAX_FILTER = 4e3;
/**
* Reads the nodes and their use in at most three requests, and returns the forecast of a planned job. Never throws: a forecast that can't be made is one line
* with the reason. `ended` is the end of the run.
*/
async function readForecast(job, namespace, plan, nomad, ended) {
	try {
		return await forecastOf(job, namespace, plan, nomad, AbortSignal.any([ended, nomad.clock.timeout(TIME_LIMIT_MS)]));
	} catch (error) {
		return unknown(sentence(toActionError(error)));
	}
}
const unknown = (why) => ({
	groups: [],
	byGroup: {},
	limits: [`The forecast is incomplete: ${why}`]
});
async function forecastOf(job, namespace, plan, nomad, signal) {
	const { capacity, hasToken } = nomad;
	const [nodes, allocations, facts] = await Promise.all([
		capacity.nodes(5001, signal),
		capacity.allocations(50001, signal),
		askNomad(job, nomad, signal)
	]);
	if (nodes === void 0) return unknown("the token may not read the nodes (`node { policy = \"read\" }`).");
	if (nodes.length > MAX_NODES) return unknown(`the cluster has more than ${MAX_NODES} nodes.`);
	if (allocations === void 0) return unknown("the token may not list the allocations of all namespaces (`read-job` in `namespace \"*\"`).");
	if (allocations.length > MAX_ALLOCATIONS) return unknown(`the cluster has more than ${MAX_ALLOCATIONS} allocations.`);
	const groups = forecast(job, nodes, allocations, {
		namespace,
		updates: plan.updates,
		failures: plan.placementFailures,
		preemption: facts.preemption,
		judged: facts.judged,
		evicts: Object.keys(plan.preempted).length > 0
	});
	const sentences = groups.map((one) => [one.group, describeGroup(one)]);
	return {
		groups,
		byGroup: Object.fromEntries(sentences),
		limits: limitsOf(groups, nodes, allocations, hasToken)
	};
}
/** Returns the limits of a forecast, in sentences. */
function limitsOf(groups, nodes, allocations, hasToken) {
	const namespaces = [...new Set(allocations.map(({ Namespace }) => Namespace ?? "default"))].sort();
	const seen = namespaces.length > 3 ? `${namespaces.length} namespaces` : `the namespace${namespaces.length === 1 ? "" : "s"} ${namespaces.join(", ")}`;
	return [...groups.filter(({ perNode }) => !perNode).length > 1 ? ["The groups share this room."] : [], ...hasToken && nodes.length > 0 ? [namespaces.length === 0 ? "The token sees no allocations; those in namespaces that it may not list are unknown." : `The forecast counts the allocations in ${seen}; those in namespaces that the token may not list are unknown.`] : []];
}
/**
* Asks Nomad for the one fact that the lists do not tell: the nodes that meet the constraints about attributes and meta, which all groups have in common; without
* such constraints, whether preemption is enabled.
*/
async function askNomad(job, { capacity }, signal) {
	const none = {
		judged: void 0,
		preemption: void 0
	};
	const [first = [], ...others] = (job.TaskGroups ?? []).map((group) => wantedOf(job, group));
	const asked = first.filter(({ text }) => others.every((list) => list.some((other) => other.text === text))).flatMap(({ text, condition }) => condition === void 0 || isKnown(condition) || filterOf(condition) === void 0 ? [] : [{
		text,
		condition
	}]);
	const filter = filterOf({ all: asked.map(({ condition }) => condition) }) ?? "";
	if (filter.length > MAX_FILTER) return none;
	if (filter === "") {
		const found = await capacity.preemption(signal);
		return {
			...none,
			preemption: found && preemptionOf(job, found)
		};
	}
	const ids = await capacity.meeting(filter, signal);
	const judged = ids && {
		constraints: asked.map(({ text }) => text),
		ids
	};
	return {
		...none,
		judged
	};
}
/** Returns whether jobs of this type may evict others. */
function preemptionOf({ Type }, found) {
	const { ServiceSchedulerEnabled, BatchSchedulerEnabled, SystemSchedulerEnabled, SysBatchSchedulerEnabled } = found;
	return (/* @__PURE__ */ new Map([
		["service", ServiceSchedulerEnabled],
		["batch", BatchSchedulerEnabled],
		["system", SystemSchedulerEnabled],
		["sysbatch", SysBatchSchedulerEnabled]
	])).get(Type || "service") === true;
}
export { readForecast };
