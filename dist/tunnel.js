import { E as toActionError, S as messageOf, T as sentence, _ as ActionError, v as connectionCode } from "./runtime.js";
import { B as requireTerminal } from "./start.js";
import { O as pickTask, a as insideOf, c as runInside, l as taskText, o as numberText, r as watchLate, t as REPORT_MS, u as isNoProgram } from "./ending.js";
import { Fn as shortId } from "./steps.js";
// src/inside/connectors.ts
const PYTHON = `import os,socket,sys,threading
s=None
for h in sys.argv[2:]:
    try:
        s=socket.create_connection((h,int(sys.argv[1])),10)
        break
    except OSError as e:
        sys.stderr.write("%s\\n"%e)
if s is None: os._exit(1)
s.settimeout(None)
def up():
    try:
        while 1:
            b=os.read(0,65536)
            if not b: break
            s.sendall(b)
        s.shutdown(socket.SHUT_WR)
    except OSError: pass
t=threading.Thread(target=up)
t.daemon=True
t.start()
try:
    while 1:
        b=s.recv(65536)
        if not b: break
        while b: b=b[os.write(1,b):]
except OSError: os._exit(1)
os._exit(0)`;
const PERL = `use IO::Socket::INET;
my ($p,@h)=@ARGV; my $s;
for (@h) { $s=IO::Socket::INET->new(PeerAddr=>$_,PeerPort=>$p,Proto=>"tcp",Timeout=>10) and last; print STDERR "$@\\n"; }
exit 1 unless $s;
sub copy { my ($f,$t)=@_; my $b; while (sysread($f,$b,65536)) { my $o=0; while ($o<length $b) { my $n=syswrite($t,$b,length($b)-$o,$o); return unless $n; $o+=$n } } }
my $k=fork;
if (!$k) { copy(*STDIN,$s); shutdown($s,1); exit 0 }
copy($s,*STDOUT); kill 9,$k; exit 0;`;
const NODE = `const net=require('net');const [p,...h]=process.argv.slice(1);
const go=()=>{if(!h.length)process.exit(1);const s=net.connect({port:+p,host:h.shift(),allowHalfOpen:true});
s.once('error',(e)=>{console.error(e.message);s.ok?process.exit(1):go()});
s.once('connect',()=>{s.ok=1;process.stdin.pipe(s);s.pipe(process.stdout,{end:false});s.once('end',()=>process.stdout.write('',()=>process.exit(0)))})};go()`;
/** Returns a script that runs a command for each host until one connects: `$h` is the host, and `$p` the port. */
const each = (command) => `p=$1; shift; c=1; for h; do ${command}; c=$?; [ $c -eq 0 ] && exit 0; done; exit $c`;
const BASH = `p=$1; shift
for h; do if exec 3<>"/dev/tcp/$h/$p"; then
cat <&3 & r=$!
cat <&0 >&3 2>/dev/null & w=$!
wait $r; kill $w 2>/dev/null; exit 0
fi; done; exit 1`;
const sh = (text) => ({ hosts, port }) => [
	"/bin/sh",
	"-c",
	text,
	"sh",
	String(port),
	...hosts
];
/** OpenBSD's nc ends its side of the connection only with -N. */
const IS_OPENBSD = `case "$(nc -h 2>&1)" in *OpenBSD*) true;; *) false;; esac`;
const CONNECTORS = [
	{
		name: "nc",
		test: `command -v nc && ! ${IS_OPENBSD}`,
		command: sh(each("nc \"$h\" \"$p\""))
	},
	{
		name: "busybox nc",
		test: `command -v busybox && case " $(echo $(busybox --list)) " in *" nc "*) true;; *) false;; esac`,
		command: sh(each("busybox nc \"$h\" \"$p\""))
	},
	{
		name: "bash",
		test: "command -v bash && command -v cat",
		command: ({ hosts, port }) => [
			"bash",
			"-c",
			BASH,
			"bash",
			String(port),
			...hosts
		]
	},
	...interpreters("python3", ["-c", PYTHON]),
	...interpreters("perl", ["-e", PERL]),
	...interpreters("node", ["-e", NODE]),
	{
		name: "socat",
		test: "command -v socat",
		command: sh(each("socat -t 86400 - \"TCP:$h:$p\""))
	},
	{
		name: "OpenBSD nc",
		test: `command -v nc && ${IS_OPENBSD}`,
		command: sh(each("nc -N \"$h\" \"$p\""))
	}
];
function interpreters(name, args) {
	return [{
		name,
		test: `command -v ${name}${name === "perl" ? " && perl -MIO::Socket::INET -e 1" : ""}`,
		command: ({ hosts, port }) => [
			name,
			...args,
			String(port),
			...hosts
		]
	}];
}
const FIND = CONNECTORS.map(({ name, test }) => `if { ${test}; } >/dev/null 2>&1; then echo "${name}"; exit 0; fi`).join("\n");
/**
* Returns the first program of a task that connects; undefined where the image has none. It is started by the shell, because the driver raw_exec would look for it on
* the path of Nomad. An image without a shell may have one of the interpreters.
*/
async function findConnector(inside, signal) {
	const asked = await runInside(inside, [
		"/bin/sh",
		"-c",
		FIND
	], { signal }).catch((error) => noProgram(error));
	const name = asked.stdout.toString("utf8").trim();
	const found = CONNECTORS.find((one) => one.name === name);
	if (found !== void 0) return {
		name,
		command: (dial) => [
			"/bin/sh",
			"-c",
			"exec \"$@\"",
			"sh",
			...found.command(dial)
		]
	};
	if (asked.code === 0) return void 0;
	for (const one of [
		"python3",
		"perl",
		"node"
	]) {
		const { code } = await runInside(inside, [
			one,
			...one === "perl" ? ["-MIO::Socket::INET"] : [],
			one === "python3" ? "-c" : "-e",
			""
		], { signal }).catch(noProgram);
		if (code === 0) return CONNECTORS.find((connector) => connector.name === one);
	}
}
/** Returns the end of a program that the task does not have. */
function noProgram(error) {
	if (isNoProgram(error) || error instanceof ActionError && error.code === "input-invalid") return {
		code: 127,
		stdout: Buffer.alloc(0)
	};
	throw error;
}
// src/inside/forward.ts
const HIGHEST = 65535;
/** Reads `LOCAL:PORT`. Throws `input-invalid` for another text. */
function forwardOf(text) {
	const [, local = "", port = ""] = /^(\d{1,5}):([\w-]+)$/.exec(text ?? "") ?? [];
	const inRange = (number) => Number(number) >= 1 && Number(number) <= HIGHEST;
	if (inRange(local) && (inRange(port) || !/^\d*$/.test(port))) return {
		local: Number(local),
		port
	};
	throw new ActionError("input-invalid", text === void 0 ? "`forward` is not set" : `\`forward\`: ${JSON.stringify(text)} is not LOCAL:PORT`, { hint: "Write the local port, and the label or the number of the port of the job: `nomad-deploy tunnel 8080:http`." });
}
/** Returns a port of an allocation. Throws `input-invalid` for a label that it does not have. */
function portOf({ AllocatedResources, Name }, port) {
	const ports = AllocatedResources?.Shared?.Ports ?? [];
	const innerOf = ({ To, Value }) => To !== void 0 && To !== null && To > 0 ? To : Value;
	const found = ports.find((one) => one.Label === port) ?? ports.find((one) => String(innerOf(one)) === port || String(one.Value) === port);
	if (found !== void 0) return {
		inside: innerOf(found),
		host: {
			address: found.HostIP,
			port: found.Value
		}
	};
	if (/^\d+$/.test(port)) return {
		inside: Number(port),
		host: void 0
	};
	throw new ActionError("input-invalid", `${Name} has no port ${JSON.stringify(port)}`, { hint: ports.length === 0 ? "Name the number of the port." : `Its ports are ${ports.map(({ Label }) => Label).join(", ")}.` });
}
/** Returns the task of a group that a port is mapped to, as the drivers docker and podman know it; undefined where none says so. */
function taskOfPort({ TaskGroups }, group, port) {
	const tasks = (TaskGroups ?? []).flatMap(({ Name, Tasks }) => group === void 0 || Name === group ? Tasks ?? [] : []);
	const maps = ({ Config }) => Array.isArray(Config?.["ports"]) && Config["ports"].includes(port);
	return tasks.find(maps)?.Name;
}
// src/inside/helper.ts
/** A helper that nobody removes ends by itself. */
const LONGEST_S = 43200;
/** The task of a helper. */
const TASK = "helper";
/** Registers a batch job on the node of an allocation. Its network is that of the node, so that it reaches the ports there. */
async function startHelper(wish, { NodeID, NodeName }, runtime) {
	const { nomad, namespace, image, driver, job } = wish;
	const id = `nomad-deploy-tunnel-${numberText(runtime.clock.random())}`;
	const spec = helperJob({
		id,
		image,
		driver,
		nodeId: NodeID ?? "",
		job,
		namespace
	});
	const registered = await nomad.jobs.register(spec, {
		Format: "json",
		Source: JSON.stringify(spec),
		Variables: ""
	}, 0, namespace);
	if ("conflict" in registered) throw new ActionError("conflict", `there is a job ${id} already`);
	if ("refused" in registered) throw registered.refused;
	const inside = untilRunning(nomad, {
		id,
		namespace,
		signal: runtime.signal
	}, registered.response.EvalID).then((allocation) => insideOf({
		...spec,
		...REGISTERED
	}, {
		allocation,
		task: TASK
	}, {
		nomad,
		namespace
	}, runtime), (error) => {
		if (!(error instanceof ActionError)) throw error;
		throw new ActionError(error.code, `the helper ${id} on ${NodeName} did not start: ${error.message}`, {
			hint: "Set `helper-image` to an image that this node can pull.",
			cause: error
		});
	});
	inside.catch(() => void 0);
	const remove = async () => {
		try {
			await nomad.jobs.deregister(id, namespace, false, "purge-job");
			await nomad.jobs.deregister(id, namespace, true);
			return;
		} catch (error) {
			return error instanceof ActionError ? sentence(error) : messageOf(error);
		}
	};
	return {
		id,
		inside,
		remove
	};
}
/** The fields of a job that was just registered. */
const REGISTERED = {
	Version: 0,
	Stop: false,
	Status: "running",
	JobModifyIndex: 0
};
/** Waits for the allocation of a helper to run. */
async function untilRunning(nomad, { id, namespace, signal }, evaluation) {
	for (let [index, done] = [0, false]; !done;) {
		const { value, ...answer } = await nomad.evaluations.read(evaluation, namespace, index, signal);
		index = answer.index;
		if (Object.keys(value?.FailedTGAllocs ?? {}).length > 0) throw new ActionError("nomad-refused", "the node has no room for it, or no healthy driver");
		done = value === void 0 || !["pending", ""].includes(value.Status);
	}
	for (let index = 0;;) {
		const answer = await nomad.jobs.allocations(id, namespace, index, signal);
		index = answer.index;
		const [allocation] = answer.value;
		if (allocation?.ClientStatus === "running") return allocation;
		if (allocation === void 0 || allocation.ClientStatus === "pending") continue;
		const events = allocation.TaskStates?.[TASK]?.Events ?? [];
		const told = events.find(({ Type }) => Type === "Driver Failure") ?? events.findLast(({ Type }) => /Failure|Terminated/.test(Type));
		throw new ActionError("nomad-refused", told?.DisplayMessage || `its allocation ${shortId(allocation.ID)} is ${allocation.ClientStatus}`);
	}
}
/** Returns the job of a helper. */
function helperJob({ id, image, nodeId, driver, job, namespace }) {
	const group = {
		Name: TASK,
		Count: 1,
		RestartPolicy: {
			Attempts: 0,
			Mode: "fail"
		},
		ReschedulePolicy: {
			Attempts: 0,
			Unlimited: false
		},
		Tasks: [{
			Name: TASK,
			Driver: driver,
			Config: {
				image,
				network_mode: "host",
				entrypoint: [
					"/bin/sh",
					"-c",
					`sleep ${LONGEST_S}`
				]
			},
			Resources: {
				CPU: 50,
				MemoryMB: 64
			}
		}]
	};
	return {
		ID: id,
		Name: id,
		Type: "batch",
		Datacenters: ["*"],
		...namespace === void 0 ? {} : { Namespace: namespace },
		...job.NodePool ? { NodePool: job.NodePool } : {},
		Constraints: [{
			LTarget: "${node.unique.id}",
			RTarget: nodeId,
			Operand: "="
		}],
		TaskGroups: [group]
	};
}
// src/inside/relay.ts
/** Passes on the bytes of a connection, and the end of each side. Resolves when both are at their end; rejects when the session breaks. Ends both. */
async function relay(connection, session) {
	let [words, gone] = ["", false];
	const leave = () => {
		gone = true;
		session.close();
	};
	(async () => {
		for await (const bytes of connection.input) await session.send(bytes);
		await session.endInput();
	})().catch(leave);
	try {
		for (;;) {
			const next = await session.output.next();
			if (next.done === true) {
				if (next.value === 0) connection.end();
				else connection.destroy();
				return {
					code: next.value,
					words: words.trim()
				};
			}
			const { stream, bytes } = next.value;
			if (stream === "stderr") words = `${words}${bytes.toString("utf8")}`.slice(-4096);
			else if (!await connection.write(bytes)) leave();
		}
	} catch (error) {
		connection.destroy();
		if (gone) return {
			code: 0,
			words: ""
		};
		throw error;
	} finally {
		session.close();
	}
}
// src/commands/tunnel.ts
/** The task itself. A program that listens on the loopback address only is reached here alone. */
const LOOPBACK = "127.0.0.1";
/** A program of this machine that ends its side leaves a shell in the task for this time. Nomad takes at most 100 sessions at once by default. */
const LINGER_S = 2;
/** `tunnel`: opens a local port to a port of a job. Each connection goes to a healthy allocation, found when it begins. Ends at Ctrl-C. */
async function tunnel(job, following, { runtime }) {
	const terminal = requireTerminal("tunnel", runtime);
	const forward = forwardOf(following.inputs.forward);
	const over = new AbortController();
	const signal = AbortSignal.any([runtime.signal, over.signal]);
	const open = {
		following,
		runtime,
		terminal,
		forward,
		signal,
		connectors: /* @__PURE__ */ new Map(),
		ends: /* @__PURE__ */ new Map(),
		helpers: /* @__PURE__ */ new Map(),
		begun: []
	};
	try {
		let last = await wayNow(job, open);
		const connections = await terminal.listen({
			port: forward.local,
			signal
		}).catch((error) => {
			throw portError(error, forward.local);
		});
		terminal.say(`${LOOPBACK}:${forward.local} leads to port ${forward.port} of ${wayText(last)}. Ctrl-C ends it.`);
		for await (const connection of connections) {
			const serve = async () => {
				const way = await wayNow(job, open);
				if (way.inside.allocation.ID !== last.inside.allocation.ID) terminal.say(`Connections go to ${wayText(way)} now.`);
				last = way;
				await connect(connection, way, open);
			};
			serve().catch((error) => {
				connection.destroy();
				if (!signal.aborted) terminal.say(`A connection failed: ${sentence(error instanceof ActionError ? error : toActionError(error))}`);
			});
		}
		return { outcome: "reported" };
	} finally {
		over.abort(/* @__PURE__ */ new Error("the tunnel has ended"));
		await removeHelpers(open);
	}
}
function portError(error, port) {
	const code = connectionCode(error);
	const why = code === "EADDRINUSE" ? "another program listens there" : code === "EACCES" ? "this user may not listen there" : messageOf(error);
	return new ActionError("input-invalid", `\`forward\`: the local port ${port} cannot be opened, because ${why}`, { hint: "Name another local port." });
}
function wayText({ inside, connector, dial }) {
	return `${taskText(inside)}, by ${connector.name} to ${dial.hosts.join(" or ")} port ${dial.port}`;
}
/** Passes on one connection. It ends with the task or its node, even where that leaves the session open. */
async function connect(connection, { inside, connector, dial }, open) {
	const { signal, terminal, runtime } = open;
	const session = await inside.start(connector.command(dial), {
		lingerS: LINGER_S,
		signal
	});
	const ended = endOf(inside, open);
	const relaying = relay(connection, session).catch(async (error) => {
		await Promise.race([ended, runtime.clock.sleep(REPORT_MS.error, signal)]);
		throw error;
	});
	const { code, words } = await Promise.race([relaying, ended]).finally(session.close);
	if (code === 0) return;
	const told = words === "" ? `${connector.name} exited with code ${code}` : words.split("\n").at(-1);
	terminal.say(`A connection failed: nothing answers at ${dial.hosts.join(" or ")} port ${dial.port} in ${taskText(inside)}: ${told}`);
}
/** Rejects with the reason when the task of an allocation ends. */
async function endOf(inside, { ends, runtime, signal }) {
	const key = `${inside.allocation.ID}/${inside.task}`;
	const ending = ends.get(key) ?? watchLate(inside, runtime, signal).finally(() => ends.delete(key));
	ends.set(key, ending);
	return ending;
}
/** Finds the way for a connection that begins now. */
async function wayNow(job, open) {
	const { following, runtime, forward, signal, connectors } = open;
	const { inputs, nomad, draft } = following;
	const { namespace } = draft;
	const all = await nomad.allocations.placed(job.ID, namespace, signal);
	const task = inputs.task ?? taskOfPort(job, inputs.group, forward.port);
	const picked = pickTask(job, all, {
		...inputs,
		task
	});
	const allocation = all.find(({ ID }) => ID === picked.allocation.ID) ?? picked.allocation;
	const port = portOf(allocation, forward.port);
	const inside = insideOf(job, {
		allocation,
		task: picked.task
	}, {
		nomad,
		namespace
	}, runtime);
	const key = `${allocation.JobVersion}/${allocation.TaskGroup}/${picked.task}`;
	const asked = connectors.get(key) ?? findConnector(inside, signal);
	connectors.set(key, asked);
	const connector = await asked.catch((error) => {
		connectors.delete(key);
		throw error;
	});
	if (connector !== void 0) return {
		inside,
		connector,
		dial: {
			hosts: [.../* @__PURE__ */ new Set([LOOPBACK, ...port.host?.port === port.inside ? [port.host.address] : []])],
			port: port.inside
		}
	};
	if (port.host === void 0) throw new ActionError("input-invalid", `the image of the task ${picked.task} has no program to connect by, and port ${forward.port} has no port of the node`, { hint: "Give the group a `network` block with a label for this port." });
	return byHelper(job, {
		inside,
		dial: {
			hosts: [port.host.address],
			port: port.host.port
		}
	}, open);
}
/** Returns the way over a helper on the node of an allocation, which is started for the first connection. */
async function byHelper(job, { inside, dial }, open) {
	const { helpers, begun, connectors, signal } = open;
	const node = inside.allocation.NodeID ?? "";
	const known = helpers.get(node);
	const helper = known ?? beginHelper(job, inside, open);
	if (known === void 0) begun.push(helper);
	helpers.set(node, helper);
	const forget = (error) => {
		helpers.delete(node);
		throw error;
	};
	const { id, inside: starting } = await helper.catch(forget);
	const inHelper = await starting.catch(forget);
	const asked = connectors.get(id) ?? findConnector(inHelper, signal);
	connectors.set(id, asked);
	const connector = await asked;
	if (connector !== void 0) return {
		inside: inHelper,
		connector,
		dial
	};
	throw new ActionError("input-invalid", `the image of the helper ${id} has no program to connect by`, { hint: "Set `helper-image` to an image with `nc` or `socat`." });
}
async function beginHelper(job, { allocation, nomad, namespace, driver, task }, open) {
	const { terminal, runtime, following } = open;
	const image = following.inputs.helperImage;
	terminal.say(`The image of the task ${task} has no program to connect by: a job on the node ${allocation.NodeName} helps, with the image ${image}.`);
	const answer = await terminal.confirm("Register it? It is removed at the end.", runtime.signal);
	if (answer === false) throw new ActionError("cancelled", "the helper was not confirmed, so there is no tunnel");
	if (answer === void 0 && following.rendering.target.environment.value === "production") throw new ActionError("input-invalid", "a helper is a job in production, and there is no terminal to ask at", { hint: "Add --yes." });
	return startHelper({
		nomad,
		namespace,
		image,
		driver: driver === "podman" ? driver : "docker",
		job
	}, allocation, runtime);
}
/** Removes the helpers, also after Ctrl-C. */
async function removeHelpers({ begun, terminal, runtime }) {
	for (const helper of begun) {
		const started = await helper.catch(() => void 0);
		const left = await started?.remove();
		if (left !== void 0) runtime.log.warning(`The helper ${started?.id} is left, because ${left.replace(/\.$/, "")}. Remove it: nomad job stop -purge ${started?.id}`);
		else if (started !== void 0) terminal.say(`The helper ${started.id} is removed.`);
	}
}
export { tunnel };
