import { a as selectorsOf, i as nameOf, r as issuerOf, s as parseBind } from "./wanted.js";
import { F as connectTo, Lr as commonTarget, N as prepareWork, Rr as requireAddress, Vr as openGitHub, ct as COMMANDS, p as grantsOf } from "./steps.js";
import { _ as ActionError } from "./runtime.js";
import { B as requireTerminal, Y as confine, Z as readInside } from "./start.js";
// src/apps/set-up.ts
/** The claims of a token are a few kilobytes. */
const MAX_CLAIMS = 1e5;
/** The name of the auth method in docs/authentication.md. */
const METHOD = "github";
/** Does the command `setup`. Throws `input-invalid` for what is missing, and the errors of GitHub and Nomad. */
async function setUp(begun, record) {
	const { runtime } = record;
	const { context, units } = begun;
	const works = await prepareWork(units, context, runtime);
	const [{ inputs }] = works;
	const terminal = requireTerminal("setup", runtime);
	const isHcl = inputs.output === "hcl";
	if (isHcl && (inputs.remove || inputs.claims !== void 0 || terminal.json)) throw new ActionError("input-invalid", "`output`: hcl prints the objects, and goes with neither `remove`, nor `claims`, nor --json");
	const text = inputs.claims === void 0 ? void 0 : await readClaims(inputs.claims, runtime.workspace);
	const setup = await COMMANDS.setup.load();
	const target = commonTarget(units);
	if (isHcl) return setup({
		kind: "hcl",
		wish: await wishOf(works, context, target.nomadAddr?.value, runtime),
		terminal
	}, record);
	const address = requireAddress(target, inputs, runtime);
	const wish = text === void 0 ? await wishOf(works, context, address, runtime) : void 0;
	terminal.answers();
	const { regions } = await connectTo(begun, works, address, record);
	const cluster = {
		address,
		nomad: regions.first
	};
	try {
		if (wish !== void 0) return await setup({
			kind: "steps",
			wish,
			back: inputs.remove,
			cluster,
			usage: usageOf(wish, address),
			terminal
		}, record);
		return await setup({
			kind: "claims",
			method: checked("nomad-auth-method", inputs.nomadLoginNames.method ?? METHOD),
			text: text ?? "",
			cluster,
			terminal
		}, record);
	} finally {
		await regions.close();
	}
}
async function readClaims(path, workspace) {
	const file = await confine(workspace, ".").must("claims", path);
	return (await readInside(file, workspace, MAX_CLAIMS)).toString("utf8");
}
async function wishOf(works, context, address, runtime) {
	const [{ inputs, target }] = works;
	const { repository } = context;
	const grants = await grantsOf(works, runtime);
	const [first, ...others] = grants;
	if (first === void 0) throw new Error("a setup without a job");
	const { namespace } = first;
	const base = others.length === 0 ? first.jobId : target.projectSlug;
	const binds = (inputs.bind.length === 0 ? defaultBind(context) : inputs.bind).map(parseBind);
	return {
		owner: {
			repository,
			id: await idOf(inputs, context, runtime)
		},
		issuer: issuerOf(new URL(context.repositoryUrl).origin),
		method: checked("nomad-auth-method", inputs.nomadLoginNames.method ?? METHOD),
		audience: inputs.nomadLoginNames.audience ?? audienceOf(address),
		name: nameOf("nomad-deploy", base, ...namespace === "default" ? [] : [namespace]),
		grants: [first, ...others],
		binds,
		namespaces: [...new Set(grants.map((grant) => checked("nomad-namespace", grant.namespace)))].filter((name) => inputs.createNamespace && name !== "default")
	};
}
/** Throws `input-invalid` for a name that Nomad refuses, before anything is written. */
function checked(input, name) {
	if (/^[a-zA-Z0-9-]{1,128}$/.test(name)) return name;
	throw new ActionError("input-invalid", `\`${input}\`: ${JSON.stringify(name)} is not a name that Nomad takes`, { hint: "Use up to 128 letters, digits and dashes." });
}
function defaultBind({ defaultBranch }) {
	if (defaultBranch !== void 0) return [`branch=${defaultBranch}`];
	throw new ActionError("input-invalid", "this clone does not know the default branch of the repository", { hint: "Say which runs may log in, such as --bind branch=main." });
}
function audienceOf(address) {
	const host = address !== void 0 && URL.canParse(address) ? new URL(address).hostname : "";
	if (host !== "") return host;
	throw new ActionError("input-invalid", "the audience of the tokens is not given", { hint: "Set `nomad-auth-audience` to a name of the cluster, such as nomad.example.com." });
}
/** Returns the number of the repository: the option, else the one that GitHub tells. */
async function idOf({ repositoryId, githubToken }, context, runtime) {
	if (repositoryId !== void 0 && /^\d{1,20}$/.test(repositoryId)) return repositoryId;
	if (repositoryId !== void 0) throw new ActionError("input-invalid", `\`repository-id\`: ${JSON.stringify(repositoryId)} is no number`);
	const github = openGitHub({ githubToken }, context, runtime);
	if (github !== void 0) return github.repository.id();
	throw new ActionError("input-invalid", `the number of the repository ${context.repository} is not known`, { hint: `Set GITHUB_TOKEN (\`GITHUB_TOKEN=$(gh auth token)\`), or add --repository-id with the output of \`gh api repos/${context.repository} --jq .id\`. Rules name the number, because a name can be given to another repository.` });
}
/** Returns the lines for the workflow, and for the message of a refused login. */
function usageOf(wish, address) {
	const environments = [...new Set(wish.binds.flatMap(({ claims }) => claims["environment"] ?? []))];
	return [
		"The lines for GitHub Actions:",
		"  permissions:",
		"    id-token: write",
		"    contents: read",
		"  with:",
		`    nomad-addr: ${address}`,
		`    nomad-auth-method: ${wish.method}`,
		`    nomad-auth-audience: ${wish.audience}`,
		"    nomad-auth-selector: | # for the message of a refused login",
		...selectorsOf(wish).map((selector) => `      ${selector}`),
		...environments.map((name) => `Each branch can name the environment ${name}: restrict its deployment branches in the settings of the repository (Environments).`)
	];
}
export { setUp };
