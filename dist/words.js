// src/terminal/words.ts
const COMMAND_HELP = {
	"init": {
		"places": "",
		"own": [],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"deploy": {
		"places": "",
		"own": [
			["--attestation VALUE", "Address of the signed attestation of image, as actions/attest gives it: the job links to it. For an image by digest. See docs/images.md#attestations."],
			["--replace-canaries", "true: the new version may replace canaries that wait for a promotion. Otherwise such a deploy is refused before anything is built or registered. Default: false."],
			["--wave-bake VALUE", "Time between two waves, such as 10m, in which all jobs of the earlier waves must stay healthy. Default: none."],
			["--all-or-nothing", "true: after a failure in waves, each job that the run deployed goes back to its version before the run, and one that did not exist is stopped. Default: false."],
			["--periodic-force", "true: a deploy of a periodic job also starts one run of it at once, and follows the run to its end. Default: false."]
		],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"plan": {
		"places": "",
		"own": [["--wave-bake VALUE", "Time between two waves, such as 10m, in which all jobs of the earlier waves must stay healthy. Default: none."], ["--all-or-nothing", "true: after a failure in waves, each job that the run deployed goes back to its version before the run, and one that did not exist is stopped. Default: false."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"rehearse": {
		"places": "",
		"own": [],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"render": {
		"places": "",
		"own": [
			["--wave-bake VALUE", "Time between two waves, such as 10m, in which all jobs of the earlier waves must stay healthy. Default: none."],
			["--all-or-nothing", "true: after a failure in waves, each job that the run deployed goes back to its version before the run, and one that did not exist is stopped. Default: false."],
			["--format VALUE", "The form of the rendered job. hcl prints the built-in template as a job spec of your own, which deploys the same job. See docs/templates.md. Default: json."]
		],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"lint": {
		"places": "",
		"own": [["--lint-off VALUE", "Lints that lint does not run, such as latest host-network. A comment # nomad-deploy:ignore <name> switches one off for a line or a block. See docs/lint.md. Default: none."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"build": {
		"places": "",
		"own": [],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"dispatch": {
		"places": "",
		"own": [["--meta VALUE", "Metadata of the run of a parameterized job: key=value lines, or a YAML or JSON map."], ["--payload VALUE", "The payload of the run of a parameterized job, a text of at most 16 KiB."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"stop": {
		"places": "",
		"own": [["--purge", "true also deletes the job, its versions and its secrets from Nomad when nothing of it runs any more; false keeps them. Default: the review app of this branch, if it has an owner record."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"promote": {
		"places": "",
		"own": [["--group VALUE", "The task group; for promote, one or more with blanks or commas between them. Default: the only one for scale, that of the picked allocation for ssh, cp and tunnel, else all."], ["--only-if-deployment-running", "true: the command acts only while a deployment of the newest version is under way. Otherwise nothing is changed, and the run is skipped with the cause. Default: false."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"lock": {
		"places": "",
		"own": [["--reason VALUE", "The reason why the job is locked, which each refused run shows; or the reason for another registration, which history shows. Default: none; lock needs one."], ["--until VALUE", "The end of a lock: a time such as 2026-12-24T18:00Z, or how long from now, such as 3d or 90m. Default: until command: unlock."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"unlock": {
		"places": "",
		"own": [],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"reject": {
		"places": "",
		"own": [["--only-if-deployment-running", "true: the command acts only while a deployment of the newest version is under way. Otherwise nothing is changed, and the run is skipped with the cause. Default: false."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"pause": {
		"places": "",
		"own": [["--only-if-deployment-running", "true: the command acts only while a deployment of the newest version is under way. Otherwise nothing is changed, and the run is skipped with the cause. Default: false."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"resume": {
		"places": "",
		"own": [["--only-if-deployment-running", "true: the command acts only while a deployment of the newest version is under way. Otherwise nothing is changed, and the run is skipped with the cause. Default: false."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"revert": {
		"places": " [TO]",
		"own": [["--to VALUE", "The version to roll back to: its number, such as 3, its tag, its commit (the first four characters are enough), or -1, the release before the serving one. Default: the last healthy version before the newest."], ["--only-if-deployment-running", "true: the command acts only while a deployment of the newest version is under way. Otherwise nothing is changed, and the run is skipped with the cause. Default: false."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"scale": {
		"places": " [COUNT]",
		"own": [["--group VALUE", "The task group; for promote, one or more with blanks or commas between them. Default: the only one for scale, that of the picked allocation for ssh, cp and tunnel, else all."], ["--count VALUE", "The new count of the group."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"restart": {
		"places": "",
		"own": [["--group VALUE", "The task group; for promote, one or more with blanks or commas between them. Default: the only one for scale, that of the picked allocation for ssh, cp and tunnel, else all."], ["--task VALUE", "The task. Default: the main task for ssh, cp and tunnel, else all."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"status": {
		"places": "",
		"own": [["--watch", "Shows each change until Ctrl-C. Default: false."], ["--all", "Shows all environments of the configuration file, each at its own cluster. Default: false."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"doctor": {
		"places": "",
		"own": [],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"logs": {
		"places": "",
		"own": [
			["--group VALUE", "The task group; for promote, one or more with blanks or commas between them. Default: the only one for scale, that of the picked allocation for ssh, cp and tunnel, else all."],
			["--task VALUE", "The task. Default: the main task for ssh, cp and tunnel, else all."],
			["-f, --follow", "true also shows new lines, until timeout (5 minutes by default) or until the allocations have ended. Default: false."],
			["--alloc VALUE", "The allocation, by its id or the first characters of it. Default: a healthy one for ssh, cp and tunnel, else all."],
			["--since VALUE", "Leaves out logs without a new line in this time, such as 10m. Nomad stores no times of lines: see docs/terminal.md."],
			["--grep VALUE", "Shows only lines that match this regular expression. Colours do not count."]
		],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"sweep": {
		"places": "",
		"own": [["--purge", "true also deletes the job, its versions and its secrets from Nomad when nothing of it runs any more; false keeps them. Default: the review app of this branch, if it has an owner record."], ["--ttl VALUE", "The longest life of a review app without a deploy, such as 14d. Default: as long as the branch or pull request."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"ssh": {
		"places": " [ALLOC]",
		"own": [
			["--group VALUE", "The task group; for promote, one or more with blanks or commas between them. Default: the only one for scale, that of the picked allocation for ssh, cp and tunnel, else all."],
			["--task VALUE", "The task. Default: the main task for ssh, cp and tunnel, else all."],
			["--alloc VALUE", "The allocation, by its id or the first characters of it. Default: a healthy one for ssh, cp and tunnel, else all."]
		],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"cp": {
		"places": " [SOURCE] [DESTINATION]",
		"own": [
			["--group VALUE", "The task group; for promote, one or more with blanks or commas between them. Default: the only one for scale, that of the picked allocation for ssh, cp and tunnel, else all."],
			["--task VALUE", "The task. Default: the main task for ssh, cp and tunnel, else all."],
			["--alloc VALUE", "The allocation, by its id or the first characters of it. Default: a healthy one for ssh, cp and tunnel, else all."],
			["--source VALUE", "The file or folder to copy. Default: the first word behind the command."],
			["--destination VALUE", "The path of the copy, or a folder that exists. Default: the second word behind the command."]
		],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"tunnel": {
		"places": " [FORWARD]",
		"own": [
			["--group VALUE", "The task group; for promote, one or more with blanks or commas between them. Default: the only one for scale, that of the picked allocation for ssh, cp and tunnel, else all."],
			["--task VALUE", "The task. Default: the main task for ssh, cp and tunnel, else all."],
			["--alloc VALUE", "The allocation, by its id or the first characters of it. Default: a healthy one for ssh, cp and tunnel, else all."],
			["--forward VALUE", "The local port, and the label or the number of the port of the job: 8080:http. Default: the word behind the command."],
			["--helper-image VALUE", "The image of the helper that tunnel starts on the same node when the image of the task has no program to connect by. It needs a shell and nc, socat, bash, python3, perl or node. Default: busybox:1.37."]
		],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"resubmit": {
		"places": "",
		"own": [["--replace-canaries", "true: the new version may replace canaries that wait for a promotion. Otherwise such a deploy is refused before anything is built or registered. Default: false."], ["--reason VALUE", "The reason why the job is locked, which each refused run shows; or the reason for another registration, which history shows. Default: none; lock needs one."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"history": {
		"places": "",
		"own": [],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"open": {
		"places": "",
		"own": [["--site", "Opens the application in place of its page in Nomad. Default: false."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"top": {
		"places": "",
		"own": [
			["--group VALUE", "The task group; for promote, one or more with blanks or commas between them. Default: the only one for scale, that of the picked allocation for ssh, cp and tunnel, else all."],
			["--task VALUE", "The task. Default: the main task for ssh, cp and tunnel, else all."],
			["--alloc VALUE", "The allocation, by its id or the first characters of it. Default: a healthy one for ssh, cp and tunnel, else all."],
			["--watch", "Shows each change until Ctrl-C. Default: false."]
		],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"login": {
		"places": "",
		"own": [["--auth-method VALUE", "The auth method of Nomad for a login in a browser. Default: the only one of the type OIDC, or the default of the cluster."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"setup": {
		"places": "",
		"own": [
			["--bind VALUE", "The runs of the repository that may log in, by words all of which must hold: branch=main, tag=v1, environment=production, event=pull_request, workflow=OWNER/NAME/PATH@REF of a reusable one. plan before them gives a role that changes nothing. Can be given several times. Default: branch=<default branch>."],
			["--features VALUE", "Commands and features that the runs use besides, such as stop sweep nodes: the names of the policies of docs/authentication.md#what-a-token-must-be-allowed. Default: those of the configuration file and of the workflows."],
			["--repository-id VALUE", "The number of the repository, which gh api repos/acme/shop --jq .id prints. Default: that of GitHub's API, with GITHUB_TOKEN or GH_TOKEN."],
			["--create-namespace", "Creates the namespace, too, and with remove removes it. Default: false."],
			["--output VALUE", "hcl prints the objects as resources of Terraform, and asks no cluster. Default: the cluster is read, and changed after a yes."],
			["--remove", "Removes the objects that setup made for the repository, and no others. Default: false."],
			["--claims VALUE", "File with the claims of a refused login, as the log of the run shows them: says for each binding rule the term that does not hold, and changes nothing."]
		],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"completion": {
		"places": " [SHELL-NAME]",
		"own": [["--shell-name VALUE", "The shell that the script is for. Default: none; it must be given."]],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	},
	"urls": {
		"places": "",
		"own": [],
		"others": "--working-directory, --nomad-auth-method, --nomad-auth-audience, --nomad-auth-selector, --nomad-cacert, --nomad-client-cert, --nomad-client-key, --nomad-tls-server-name, --nomad-skip-verify, --nomad-headers, --nomad-via, --nomad-via-key, --nomad-via-known-hosts, --consul-addr, --cluster, --base-domain, --vars, --build, --image, --image-variables, --context, --file, --target, --build-args, --build-secrets, --ssh, --platforms, --tags, --labels, --cache-from, --cache-to, --pull, --no-cache, --provenance, --sbom, --builder, --push, --test, --test-env, --scan, --registry, --registry-username, --registry-auth, --job, --var-files, --allowed-drivers, --allow-untrusted-events, --secrets, --wait, --timeout, --fail-fast, --promote, --lock, --blue-green, --verify, --prometheus-addr, --watch-for, --pre-deploy, --post-deploy, --on-failure, --on-cancel, --on-placement-failure, --tag, --keep-releases, --preserve-counts, --waves, --log-lines, --summary, --webhook-on, --github-deployment, --comment, --approved-plan, --expect, --drift-issue, --dry-run"
	}
};
const COMMAND_MEANINGS = {
	"init": "looks at the files of the repository, and shows the fewest that deploy it; in a terminal, it asks, and writes them",
	"deploy": "builds the image, registers the job, and follows the new version to its end",
	"plan": "shows what a deploy would change, and writes nothing",
	"rehearse": "deploys the job to a throw-away Nomad agent on this machine, with dummies in place of secrets, and removes it again",
	"render": "shows the job, and every value with its source",
	"lint": "checks the job specs, the variables, the configuration file and the policy without a cluster and without a token, and warns of usual mistakes",
	"build": "builds and pushes the image, and needs no cluster",
	"dispatch": "starts a run of a registered parameterized or periodic job, and follows the run to its end",
	"stop": "stops the job, and waits until nothing of it runs",
	"promote": "promotes the canaries of the job or of a group, and follows the deployment to its end",
	"lock": "keeps the job from being deployed by runs with the input lock, for a reason and until a time",
	"unlock": "ends what lock has begun",
	"reject": "fails the deployment whose canaries wait for a promotion, and follows the rollback to its end",
	"pause": "pauses the deployment of the newest version: Nomad places and replaces nothing more",
	"resume": "resumes a paused deployment, and follows it to its end",
	"revert": "registers an older version of the job again, and follows it to its end",
	"scale": "sets the count of a group, and follows the new version to its end",
	"restart": "restarts the running allocations in place, batch by batch, without a new version",
	"status": "shows the state of the newest version, and fails with the cause when it is not healthy",
	"doctor": "checks all that a deploy needs, from the address to the drivers, and shows each fix; see docs/doctor.md",
	"logs": "shows the last lines of log output, and with follow the new ones",
	"sweep": "removes the review apps whose branch or pull request is gone",
	"ssh": "runs a shell, or the program behind --, in a running task of the job",
	"cp": "copies a file or folder into a running task of the job, or out of it; one of the two paths is ALLOCATION:/path, or :/path",
	"tunnel": "opens a local port to a port of the job: each connection goes to a healthy allocation",
	"resubmit": "registers the registered job again, as a new version that replaces all tasks, and follows it to its end",
	"history": "shows the versions of the job that Nomad keeps, with tag, commit, actor, run, image and outcome, and what runs now",
	"open": "opens the page of the job in Nomad's UI, or the application, in the browser",
	"top": "shows the CPU, the memory and the restarts of each running task, the busiest first",
	"login": "logs in to the cluster in a browser, and keeps the token for later commands",
	"setup": "makes the cluster ready for logins with GitHub's ID token: auth method, binding rules, role and policies for this repository; shows them first, and asks",
	"completion": "prints the script by which bash, zsh or fish completes commands, options and names",
	"urls": "shows the addresses of the job: its hostnames, and the ports of its allocations"
};
const COMMON_ROWS = [
	["-e, --environment VALUE", "production, staging, main, review, or an environment of the configuration file. By branch: production and staging for the branches of these names, main for the default branch, review for any other branch, a pull request or a tag. See docs/environments.md. Default: by branch."],
	["-j, --job-name VALUE", "Job id. The input, unlike its key in the configuration file, also lets the run replace or stop a job that has another owner. See docs/environments.md#who-owns-a-job. Default: <owner>-<repository>, and -<branch> for a review app."],
	["--app VALUE", "Apps of the configuration file, such as api web. Default: all of them."],
	["--nomad-addr VALUE", "Address of the Nomad HTTP API, such as https://nomad.example.com:4646 or unix:///run/nomad/api.sock. Default: https://<base-domain>."],
	["--nomad-namespace VALUE", "Namespace of the job. Default: the spec's own, else default."],
	["--nomad-region VALUE", "Region of a job whose spec names none. A region in the spec wins, as for nomad job run. Default: the agent's own."],
	["--config VALUE", "Path of the configuration file of the repository, see docs/configuration.md. Each key has the meaning of the input of that name, and an input wins over its key. Default: nomad-deploy.yml, if it exists."],
	["--config-from VALUE", "default-branch: keys about credentials, addresses, environments, registries and the runner count from the default branch's file, all others from the checkout's. checkout: all keys count from the checkout, for a workflow whose branches may all decide them; refused for events that a stranger can cause. Default: default-branch."]
];
const OPTION_WORDS = {
	"command": "The work of the run.",
	"config": "Path of the configuration file of the repository, see docs/configuration.md.",
	"config-from": "default-branch: keys about credentials, addresses, environments, registries and the runner count from the default branch's file, all others from the checkout's.",
	"app": "Apps of the configuration file, such as api web.",
	"working-directory": "Folder of the workspace that all other paths are relative to.",
	"nomad-addr": "Address of the Nomad HTTP API, such as https://nomad.example.com:4646 or unix:///run/nomad/api.sock.",
	"nomad-token": "ACL token.",
	"nomad-auth-method": "Auth method of Nomad (type JWT) that takes GitHub's ID token, in place of a stored token.",
	"nomad-auth-audience": "Audience of the ID token, one of the BoundAudiences of the auth method.",
	"nomad-auth-selector": "Selectors of the binding rules, as nomad-deploy setup prints them.",
	"nomad-namespace": "Namespace of the job.",
	"nomad-region": "Region of a job whose spec names none.",
	"nomad-cacert": "Certificate authorities of Nomad: PEM text, base64 of it, or a file of the workspace.",
	"nomad-client-cert": "Client certificate for a Nomad that requires one: PEM text, base64 of it, or a file of the workspace.",
	"nomad-client-key": "Key of the client certificate: PEM text, base64 of it, or a file of the workspace.",
	"nomad-tls-server-name": "Name in Nomad's certificate, such as server.global.nomad.",
	"nomad-skip-verify": "true: accept any certificate, with a warning.",
	"nomad-headers": "Headers of each request, for a proxy in front of Nomad: Name: value or Name=value lines.",
	"nomad-via": "The way to a cluster that the runner does not reach: a jump host (ssh://deploy@bastion.example.com) or a proxy (socks5://proxy.example.com:1080, http://…).",
	"nomad-via-key": "Private key for the jump host, without a passphrase: its text, or base64 of it.",
	"nomad-via-known-hosts": "The host key of the jump host, as lines of a file known_hosts.",
	"consul-addr": "Address of Consul's HTTP API, such as https://consul.example.com:8501: a cause names the failing checks of services in Consul with their output.",
	"consul-token": "Token for Consul, which must allow service:read and node:read.",
	"environment": "production, staging, main, review, or an environment of the configuration file.",
	"cluster": "Clusters of the configuration file, with blanks or commas between them.",
	"base-domain": "Domain of the hostnames: <job>.<base-domain>; in production and staging <repository>.<base-domain>, where prod.",
	"job-name": "Job id.",
	"vars": "HCL variables of the spec, and variables of the built-in template such as MEMORY and PORTS (docs/reference/variables.md): NAME=value lines, or a YAML or JSON map.",
	"build": "true, false, or auto: build when there is a Dockerfile and image names no digest.",
	"image": "Name of the image to push; with build: false the image to deploy.",
	"image-variables": "Variables of your own spec that take the image: <variable>=<part> lines, or a map.",
	"context": "Build context, a folder of the workspace.",
	"file": "Path of the Dockerfile.",
	"target": "Stage of the Dockerfile.",
	"build-args": "Build arguments, one NAME=value a line.",
	"build-secrets": "Secrets that the Dockerfile mounts (RUN --mount=type=secret,id=NAME) and that do not stay in the image: NAME=value, id=NAME,env=VARIABLE or id=NAME,src=file, one a line.",
	"ssh": "SSH agents and keys that the Dockerfile mounts (RUN --mount=type=ssh), one a line: default is the agent of the runner, ID=PATH a socket or a key, id=ID,env=VARIABLE the text of a key.",
	"platforms": "Platforms of the image, such as linux/amd64,linux/arm64.",
	"tags": "Tags to push, 1.2 or ghcr.io/acme/shop:1.2, one a line.",
	"labels": "Labels of the image, one NAME=value a line.",
	"cache-from": "Caches to read, such as type=gha or type=registry,ref=ghcr.io/acme/shop:cache, one a line; none is none.",
	"cache-to": "Caches to write, such as type=gha,mode=max, one a line; none is none, and without cache-from switches the default off.",
	"pull": "true: look for newer base images.",
	"no-cache": "true: build every step again.",
	"provenance": "Attestation of the build: true, or attributes such as mode=max.",
	"attestation": "Address of the signed attestation of image, as actions/attest gives it: the job links to it.",
	"sbom": "Attestation of the image's contents: true, or generator=<image>.",
	"builder": "Name of a builder of buildx.",
	"push": "false: load the image into the local Docker engine instead of pushing it, for clusters of a single node.",
	"test": "Command that runs in the built image before it is deployed, such as npm test, by the image's shell; or a JSON list for an image without a shell.",
	"test-env": "Environment of the test: NAME=value, or NAME for the step's own variable, one a line.",
	"scan": "Command that runs on the runner after the build, without a shell, such as trivy image --exit-code 1 $IMAGE.",
	"registry": "Registry to log in to.",
	"registry-username": "Account at the registry.",
	"registry-password": "Password or token for the registry.",
	"registry-auth": "More registries to log in to, as for docker/login-action: a YAML list of registry, username and password.",
	"job": "Job specs of the repository, a path or glob a line; each is a job.",
	"var-files": "HCL variable files, a path or glob a line; a later one wins.",
	"allowed-drivers": "Drivers that tasks may use, such as docker raw_exec.",
	"lint-off": "Lints that lint does not run, such as latest host-network.",
	"allow-untrusted-events": "Events and code that may use credentials although a stranger can cause or write them: fork, pull_request_target, workflow_run, issue_comment, issues, discussion, discussion_comment, watch, gollum, check_run, check_suite, status.",
	"secrets": "Secrets of the workload at run time: NAME=value lines, or a YAML or JSON map.",
	"wait": "false: end the run once the job is registered.",
	"timeout": "Longest wait for the verdict, such as 15m.",
	"fail-fast": "certain: a failure that cannot heal on any node (no such image, no such command in it, driver config refused, wrong checksum of an artifact) fails the deployment at once; off: wait for Nomad's verdict.",
	"promote": "Promotion of healthy canaries.",
	"lock": "When another run with this input changes the job: wait until it has ended, at most for timeout, or fail.",
	"replace-canaries": "true: the new version may replace canaries that wait for a promotion.",
	"blue-green": "true: the built-in template starts a canary for each allocation of the count, and nothing promotes them by itself unless promote says so.",
	"verify": "HTTP checks of the new version, one a line: a path such as /healthz, requested from each canary or new allocation and then from the public address, or a URL, requested at the end.",
	"prometheus-addr": "Address of Prometheus, for the rules prometheus of verify, such as https://prometheus.example.com.",
	"prometheus-token": "Token for Prometheus, or user:password for basic authentication.",
	"watch-for": "Time after a success, such as 10m, in which the run looks on, by the same rules as for in verify.",
	"pre-deploy": "Command that runs in the new image on the cluster, with the new secrets and variables, before the job is registered: a text for the shell of the image, a list of a program and its arguments, or a YAML map with command and options.",
	"post-deploy": "Command that runs like pre-deploy, once the new version is healthy and verify holds.",
	"on-failure": "After a failed deployment: spec leaves the rollback to auto_revert of the spec; revert also rolls back to the last healthy version where the spec does not; leave never does.",
	"on-cancel": "When the workflow is cancelled: leave the deployment running, or fail it, so that auto_revert acts.",
	"on-placement-failure": "When a group fits on no node: fail at once, wait for capacity until the timeout, or wait for a time such as 5m.",
	"tag": "Name of Nomad's tag for the version of this run, such as v1.2.3: letters, digits, dots, dashes and the like, no slash.",
	"keep-releases": "Number of the newest releases that stay tagged, with their secrets, so that Nomad's garbage collection keeps them.",
	"preserve-counts": "Keep the running counts of groups, as an autoscaler or a person has set them: true for all groups, false for none.",
	"waves": "Clusters or apps of the configuration file, one wave after the other: a wave a line, or a list such as [[eu], [us, ap]].",
	"wave-bake": "Time between two waves, such as 10m, in which all jobs of the earlier waves must stay healthy.",
	"all-or-nothing": "true: after a failure in waves, each job that the run deployed goes back to its version before the run, and one that did not exist is stopped.",
	"log-lines": "Lines of each task's log output that are shown for a failed allocation.",
	"summary": "false: write no job summary.",
	"webhook-url": "Address that the result is posted to as JSON, with a message for Slack's incoming web hooks: https://hooks.slack.com/services/….",
	"webhook-on": "always, or failure: post only results that make the step fail.",
	"github-token": "Token of the workflow, for GitHub's API and as the password for ghcr.io.",
	"github-deployment": "Record a GitHub Deployment with the states of the rollout: true, false, or auto: unless the workflow's job records one by its own environment:.",
	"comment": "Keep one comment for each job and environment on the pull request: true, false, or auto: when the run is for a pull request and the token may.",
	"approved-plan": "Deploy only an approved plan: the output plan-fingerprint of a plan (of several jobs, one a line), or merged-pull-request: the plan on the merged pull request that the commit came with.",
	"expect": "no-changes: a plan with changes fails as drift, and names them.",
	"drift-issue": "true: with expect: no-changes, keep one issue open as long as the job differs.",
	"group": "The task group; for promote, one or more with blanks or commas between them.",
	"task": "The task.",
	"reason": "The reason why the job is locked, which each refused run shows; or the reason for another registration, which history shows.",
	"until": "The end of a lock: a time such as 2026-12-24T18:00Z, or how long from now, such as 3d or 90m.",
	"format": "The form of the rendered job.",
	"count": "The new count of the group.",
	"to": "The version to roll back to: its number, such as 3, its tag, its commit (the first four characters are enough), or -1, the release before the serving one.",
	"only-if-deployment-running": "true: the command acts only while a deployment of the newest version is under way.",
	"purge": "true also deletes the job, its versions and its secrets from Nomad when nothing of it runs any more; false keeps them.",
	"ttl": "The longest life of a review app without a deploy, such as 14d.",
	"follow": "true also shows new lines, until timeout (5 minutes by default) or until the allocations have ended.",
	"dry-run": "true: sweep only names the review apps, and init only shows the files; false: they remove and write.",
	"meta": "Metadata of the run of a parameterized job: key=value lines, or a YAML or JSON map.",
	"payload": "The payload of the run of a parameterized job, a text of at most 16 KiB.",
	"periodic-force": "true: a deploy of a periodic job also starts one run of it at once, and follows the run to its end.",
	"alloc": "The allocation, by its id or the first characters of it.",
	"program": "The program and its arguments, behind --.",
	"source": "The file or folder to copy.",
	"destination": "The path of the copy, or a folder that exists.",
	"forward": "The local port, and the label or the number of the port of the job: 8080:http.",
	"helper-image": "The image of the helper that tunnel starts on the same node when the image of the task has no program to connect by.",
	"since": "Leaves out logs without a new line in this time, such as 10m.",
	"grep": "Shows only lines that match this regular expression.",
	"watch": "Shows each change until Ctrl-C.",
	"all": "Shows all environments of the configuration file, each at its own cluster.",
	"auth-method": "The auth method of Nomad for a login in a browser.",
	"bind": "The runs of the repository that may log in, by words all of which must hold: branch=main, tag=v1, environment=production, event=pull_request, workflow=OWNER/NAME/PATH@REF of a reusable one.",
	"features": "Commands and features that the runs use besides, such as stop sweep nodes: the names of the policies of docs/authentication.md#what-a-token-must-be-allowed.",
	"repository-id": "The number of the repository, which gh api repos/acme/shop --jq .id prints.",
	"create-namespace": "Creates the namespace, too, and with remove removes it.",
	"output": "hcl prints the objects as resources of Terraform, and asks no cluster.",
	"remove": "Removes the objects that setup made for the repository, and no others.",
	"claims": "File with the claims of a refused login, as the log of the run shows them: says for each binding rule the term that does not hold, and changes nothing.",
	"shell-name": "The shell that the script is for.",
	"site": "Opens the application in place of its page in Nomad."
};
export { OPTION_WORDS as i, COMMAND_MEANINGS as n, COMMON_ROWS as r, COMMAND_HELP as t };
