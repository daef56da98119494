// src/terminal/words.ts
const COMMAND_MEANINGS = {
	"deploy": "builds the image, registers the job, and follows the new version to its end",
	"plan": "shows what a deploy would change, and writes nothing",
	"render": "shows the job, and every value with its source",
	"build": "builds and pushes the image, and needs no cluster",
	"dispatch": "starts a run of a registered parameterized or periodic job, and follows the run to its end",
	"stop": "stops the job, and waits until nothing of it runs",
	"promote": "promotes the canaries of the job, and follows the deployment to its end",
	"revert": "registers an older version of the job again, and follows it to its end",
	"scale": "sets the count of a group, and follows the new version to its end",
	"restart": "restarts the running allocations in place, batch by batch, without a new version",
	"status": "shows the state of the newest version, and fails with the cause when it is not healthy",
	"logs": "shows the last lines of log output, and with `follow` the new ones",
	"sweep": "removes the review apps whose branch or pull request is gone",
	"ssh": "runs a shell, or the program behind `--`, in a running task of the job",
	"resubmit": "registers the registered job again, as a new version that replaces all tasks, and follows it to its end",
	"history": "shows the versions of the job that Nomad keeps, with commit, actor, run, outcome and tag",
	"open": "opens the page of the job in Nomad's UI, or the application, in the browser",
	"login": "logs in to the cluster in a browser, and keeps the token for later commands",
	"completion": "prints the script by which bash, zsh or fish completes commands, options and names",
	"urls": "shows the addresses of the job: its hostnames, and the ports of its allocations"
};
const OPTION_WORDS = {
	"command": {
		"meaning": "The work of the run. `deploy` builds the image, registers the job, and follows the new version to its end; `plan` shows what a deploy would change, and writes nothing; `render` shows the job, and every value with its source; `build` builds and pushes the image, and needs no cluster; `dispatch` starts a run of a registered parameterized or periodic job, and follows the run to its end; `stop` stops the job, and waits until nothing of it runs; `promote` promotes the canaries of the job, and follows the deployment to its end; `revert` registers an older version of the job again, and follows it to its end; `scale` sets the count of a group, and follows the new version to its end; `restart` restarts the running allocations in place, batch by batch, without a new version; `status` shows the state of the newest version, and fails with the cause when it is not healthy; `logs` shows the last lines of log output, and with `follow` the new ones; `sweep` removes the review apps whose branch or pull request is gone.",
		"default": "deploy"
	},
	"config": {
		"meaning": "Path of the configuration file of the repository, see docs/configuration.md. Each key has the meaning of the input of that name, and an input wins over its key.",
		"default": "`nomad-deploy.yml`, if it exists"
	},
	"config-from": {
		"meaning": "`default-branch`: keys about credentials, addresses, environments, registries and the runner count from the default branch's file, all others from the checkout's. `checkout`: all keys count from the checkout, for a workflow whose branches may all decide them; refused for events that a stranger can cause.",
		"default": "default-branch"
	},
	"app": {
		"meaning": "Apps of the configuration file, such as `api web`.",
		"default": "all of them"
	},
	"working-directory": {
		"meaning": "Folder of the workspace that all other paths are relative to. No path may leave the workspace.",
		"default": "."
	},
	"nomad-addr": {
		"meaning": "Address of the Nomad HTTP API, such as `https://nomad.example.com:4646` or `unix:///run/nomad/api.sock`.",
		"default": "`https://<base-domain>`"
	},
	"nomad-token": {
		"meaning": "ACL token. `NOMAD_TOKEN_PROD` counts for the environment `production` and `NOMAD_TOKEN_STAGING` for `staging`; `NOMAD_TOKEN` counts for all.",
		"default": ""
	},
	"nomad-auth-method": {
		"meaning": "Auth method of Nomad (type JWT) that takes GitHub's ID token, in place of a stored token. The job needs `permissions: id-token: write`. See docs/authentication.md.",
		"default": ""
	},
	"nomad-auth-audience": {
		"meaning": "Audience of the ID token, one of the `BoundAudiences` of the auth method. Required with `nomad-auth-method`.",
		"default": ""
	},
	"nomad-namespace": {
		"meaning": "Namespace of the job.",
		"default": "the spec's own, else `default`"
	},
	"nomad-region": {
		"meaning": "Region of a job whose spec names none. A region in the spec wins, as for `nomad job run`.",
		"default": "the agent's own"
	},
	"nomad-cacert": {
		"meaning": "Certificate authorities of Nomad: PEM text, or a file of the workspace.",
		"default": "the public certificate authorities"
	},
	"nomad-client-cert": {
		"meaning": "Client certificate for a Nomad that requires one: PEM text, or a file of the workspace.",
		"default": ""
	},
	"nomad-client-key": {
		"meaning": "Key of the client certificate: PEM text, or a file of the workspace.",
		"default": ""
	},
	"nomad-tls-server-name": {
		"meaning": "Name in Nomad's certificate, such as `server.global.nomad`.",
		"default": "the host of the address"
	},
	"nomad-skip-verify": {
		"meaning": "`true`: accept any certificate, with a warning. A server between the runner and Nomad can then read the token.",
		"default": "false"
	},
	"nomad-headers": {
		"meaning": "Headers of each request, for a proxy in front of Nomad: `Name: value` or `Name=value` lines. `NOMAD_HTTP_AUTH` is `user:password` for basic authentication.",
		"default": ""
	},
	"environment": {
		"meaning": "`production`, `staging`, `main`, `review`, or an environment of the configuration file. By branch: `production` and `staging` for the branches of these names, `main` for the default branch, `review` for any other branch, a pull request or a tag. See docs/environments.md.",
		"default": "by branch"
	},
	"base-domain": {
		"meaning": "Domain of the hostnames: `<job>.<base-domain>`; in `production` and `staging` `<repository>.<base-domain>`, where `prod.` or `staging.` replaces the first label of the domain.",
		"default": ""
	},
	"job-name": {
		"meaning": "Job id. The input, unlike its key in the configuration file, also lets the run replace or stop a job that has another owner. See docs/environments.md#who-owns-a-job.",
		"default": "`<owner>-<repository>`, and `-<branch>` for a review app"
	},
	"vars": {
		"meaning": "HCL variables of the spec, and variables of the built-in template such as `MEMORY` and `PORTS` (docs/reference/variables.md): `NAME=value` lines, or a YAML or JSON map. All sources count, name by name; the input wins.",
		"default": ""
	},
	"build": {
		"meaning": "`true`, `false`, or `auto`: build when there is a Dockerfile and `image` names no digest. See docs/images.md.",
		"default": "auto"
	},
	"image": {
		"meaning": "Name of the image to push; with `build: false` the image to deploy.",
		"default": "`<registry>/<owner>/<repository>`"
	},
	"image-variables": {
		"meaning": "Variables of your own spec that take the image: `<variable>=<part>` lines, or a map. The part is `image` (the whole reference, with its digest), `name` (without tag and digest), `tag`, or `digest`.",
		"default": "`image=image`, where the spec declares `image`"
	},
	"context": {
		"meaning": "Build context, a folder of the workspace.",
		"default": "."
	},
	"file": {
		"meaning": "Path of the Dockerfile.",
		"default": "`<context>/Dockerfile`"
	},
	"target": {
		"meaning": "Stage of the Dockerfile.",
		"default": "the last stage"
	},
	"build-args": {
		"meaning": "Build arguments, one `NAME=value` a line. A name without a value is refused. Arguments stay in the image: give secrets as `build-secrets`.",
		"default": ""
	},
	"build-secrets": {
		"meaning": "Secrets that the Dockerfile mounts (`RUN --mount=type=secret,id=NAME`) and that do not stay in the image: `NAME=value`, `id=NAME,env=VARIABLE` or `id=NAME,src=file`, one a line.",
		"default": ""
	},
	"platforms": {
		"meaning": "Platforms of the image, such as `linux/amd64,linux/arm64`.",
		"default": "the builder's own"
	},
	"tags": {
		"meaning": "Tags to push, `1.2` or `ghcr.io/acme/shop:1.2`, one a line. The job runs the digest.",
		"default": "the branch, `pr-7` or the version, and `sha-<commit>`"
	},
	"labels": {
		"meaning": "Labels of the image, one `NAME=value` a line. The action adds the source and the revision, and the date unless a label has it.",
		"default": ""
	},
	"cache-from": {
		"meaning": "Caches to read, such as `type=gha` or `type=registry,ref=ghcr.io/acme/shop:cache`, one a line.",
		"default": ""
	},
	"cache-to": {
		"meaning": "Caches to write, such as `type=gha,mode=max`, one a line.",
		"default": ""
	},
	"pull": {
		"meaning": "`true`: look for newer base images.",
		"default": "false"
	},
	"no-cache": {
		"meaning": "`true`: build every step again.",
		"default": "false"
	},
	"provenance": {
		"meaning": "Attestation of the build: `true`, or attributes such as `mode=max`.",
		"default": "none, so that equal content has an equal digest"
	},
	"sbom": {
		"meaning": "Attestation of the image's contents: `true`, or `generator=<image>`.",
		"default": "none"
	},
	"builder": {
		"meaning": "Name of a builder of buildx.",
		"default": "the current one, or one of this run where that lacks a feature"
	},
	"push": {
		"meaning": "`false`: load the image into the local Docker engine instead of pushing it, for clusters of a single node.",
		"default": "true"
	},
	"test": {
		"meaning": "Command that runs in the built image before it is deployed, such as `npm test`, by the image's shell; or a JSON list for an image without a shell. Any exit code but 0 ends the run.",
		"default": ""
	},
	"test-env": {
		"meaning": "Environment of the test: `NAME=value`, or `NAME` for the step's own variable, one a line.",
		"default": ""
	},
	"scan": {
		"meaning": "Command that runs on the runner after the build, without a shell, such as `trivy image --exit-code 1 $IMAGE`. Any exit code but 0 ends the run.",
		"default": ""
	},
	"registry": {
		"meaning": "Registry to log in to.",
		"default": "that of `image` (Docker Hub if it names none), else `ghcr.io`"
	},
	"registry-username": {
		"meaning": "Account at the registry.",
		"default": ""
	},
	"registry-password": {
		"meaning": "Password or token for the registry.",
		"default": "`github-token` for `ghcr.io`, and no login elsewhere"
	},
	"registry-auth": {
		"meaning": "More registries to log in to, as for docker/login-action: a YAML list of `registry`, `username` and `password`.",
		"default": ""
	},
	"job": {
		"meaning": "Job specs of the repository, a path or glob a line; each is a job. A spec is HCL, a job object in JSON or YAML (`.json`, `.yaml`, `.yml`), or a Handlebars template of one. See docs/templates.md.",
		"default": "`project.nomad` if it exists, else the built-in template of a web service"
	},
	"var-files": {
		"meaning": "HCL variable files, a path or glob a line; a later one wins. `vars` and `NOMAD_VAR_<NAME>` win over all of them.",
		"default": ""
	},
	"allowed-drivers": {
		"meaning": "Drivers that tasks may use, such as `docker raw_exec`. A job with another driver is refused.",
		"default": "`docker podman` for the built-in template, any for your own spec"
	},
	"allow-untrusted-events": {
		"meaning": "Events and code that may use credentials although a stranger can cause or write them: `fork`, `pull_request_target`, `workflow_run`, `issue_comment`, `issues`, `discussion`, `discussion_comment`, `watch`, `gollum`, `check_run`, `check_suite`, `status`. The code of a fork in such an event takes both words. See docs/threat-model.md.",
		"default": "none: the run is `skipped`"
	},
	"secrets": {
		"meaning": "Secrets of the workload at run time: `NAME=value` lines, or a YAML or JSON map. `FILE_<name>` is a file, `<group>/<task>/<NAME>` belongs to one task. `NOMAD_SECRETS` is a JSON map. All sources count, name by name; the input wins. See docs/secrets.md.",
		"default": ""
	},
	"wait": {
		"meaning": "`false`: end the run once the job is registered.",
		"default": "true"
	},
	"timeout": {
		"meaning": "Longest wait for the verdict, such as `15m`.",
		"default": "from the deadlines of the spec"
	},
	"fail-fast": {
		"meaning": "`certain`: a failure that cannot heal on any node (no such image, no such command in it, driver config refused, wrong checksum of an artifact) fails the deployment at once; `off`: wait for Nomad's verdict.",
		"default": "certain"
	},
	"promote": {
		"meaning": "Promotion of healthy canaries. `auto` promotes them, `manual` ends the run as `awaiting-promotion`, `verify` promotes them once `verify` holds and fails the deployment when it does not.",
		"default": "as in the spec; with `auto_promote = false` the run waits for a promotion"
	},
	"verify": {
		"meaning": "HTTP checks of the new version, one a line: a path such as `/healthz`, requested from each canary or new allocation and then from the public address, or a URL, requested at the end. Or a YAML list with conditions, see docs/verify.md.",
		"default": ""
	},
	"on-failure": {
		"meaning": "After a failed deployment: `spec` leaves the rollback to `auto_revert` of the spec; `revert` also rolls back to the last healthy version where the spec does not; `leave` never does.",
		"default": "spec"
	},
	"on-cancel": {
		"meaning": "When the workflow is cancelled: `leave` the deployment running, or `fail` it, so that `auto_revert` acts.",
		"default": "leave"
	},
	"on-placement-failure": {
		"meaning": "When a group fits on no node: `fail` at once, `wait` for capacity until the timeout, or wait for a time such as `5m`.",
		"default": "2m"
	},
	"preserve-counts": {
		"meaning": "Keep the running counts of groups, as an autoscaler or a person has set them: `true` for all groups, `false` for none.",
		"default": "groups with a `scaling` block"
	},
	"log-lines": {
		"meaning": "Lines of each task's log output that are shown for a failed allocation.",
		"default": "50"
	},
	"summary": {
		"meaning": "`false`: write no job summary.",
		"default": "true"
	},
	"webhook-url": {
		"meaning": "Address that the result is posted to as JSON, with a message for Slack's incoming web hooks: `https://hooks.slack.com/services/…`. A failed request is a warning. See docs/reports.md.",
		"default": ""
	},
	"webhook-on": {
		"meaning": "`always`, or `failure`: post only results that make the step fail. A skipped run is not posted.",
		"default": "always"
	},
	"github-token": {
		"meaning": "Token of the workflow, for GitHub's API and as the password for `ghcr.io`.",
		"default": ""
	},
	"github-deployment": {
		"meaning": "Record a GitHub Deployment with the states of the rollout: `true`, `false`, or `auto`: unless the workflow's job records one by its own `environment:`. Needs the permission `deployments: write`. See docs/github-deployments.md.",
		"default": "auto"
	},
	"comment": {
		"meaning": "Keep one comment for each job and environment on the pull request: `true`, `false`, or `auto`: when the run is for a pull request and the token may. Needs the permission `pull-requests: write`.",
		"default": "auto"
	},
	"approved-plan": {
		"meaning": "Deploy only an approved plan: the output `plan-fingerprint` of a plan (of several jobs, one a line), or `merged-pull-request`: the plan on the merged pull request that the commit came with. Any other plan fails as `plan-changed`. See docs/pull-requests.md.",
		"default": ""
	},
	"expect": {
		"meaning": "`no-changes`: a plan with changes fails as `drift`, and names them.",
		"default": ""
	},
	"drift-issue": {
		"meaning": "`true`: with `expect: no-changes`, keep one issue open as long as the job differs. Needs the permission `issues: write`.",
		"default": "false"
	},
	"group": {
		"meaning": "The task group.",
		"default": "the only one for `scale`, else all"
	},
	"task": {
		"meaning": "The task.",
		"default": "all"
	},
	"count": {
		"meaning": "The new count of the group.",
		"default": ""
	},
	"to": {
		"meaning": "The version to roll back to, such as `3`.",
		"default": "the last healthy version before the newest"
	},
	"purge": {
		"meaning": "`true` also deletes the job, its versions and its secrets from Nomad when nothing of it runs any more; `false` keeps them.",
		"default": "the review app of this branch, if it has an owner record"
	},
	"ttl": {
		"meaning": "The longest life of a review app without a deploy, such as `14d`.",
		"default": "as long as the branch or pull request"
	},
	"follow": {
		"meaning": "`true` also shows new lines, until `timeout` (5 minutes by default) or until the allocations have ended.",
		"default": "false"
	},
	"dry-run": {
		"meaning": "`true`: `sweep` only names the review apps; `false`: it removes them.",
		"default": "true"
	},
	"meta": {
		"meaning": "Metadata of the run of a parameterized job: `key=value` lines, or a YAML or JSON map.",
		"default": ""
	},
	"payload": {
		"meaning": "The payload of the run of a parameterized job, a text of at most 16 KiB.",
		"default": ""
	},
	"periodic-force": {
		"meaning": "`true`: a deploy of a periodic job also starts one run of it at once, and follows the run to its end.",
		"default": "false"
	},
	"alloc": {
		"meaning": "The allocation, by its id or the first characters of it.",
		"default": "a healthy one"
	},
	"program": {
		"meaning": "The program and its arguments, behind `--`.",
		"default": "a shell"
	},
	"auth-method": {
		"meaning": "The auth method of Nomad for a login in a browser.",
		"default": "the only one of the type OIDC, or the default of the cluster"
	},
	"reason": {
		"meaning": "The reason for another registration, which `history` and the links of the version show.",
		"default": "none"
	},
	"shell": {
		"meaning": "The shell that the script is for.",
		"default": "none; it must be given"
	},
	"site": {
		"meaning": "Opens the application in place of its page in Nomad.",
		"default": "false"
	}
};
export { OPTION_WORDS as n, COMMAND_MEANINGS as t };
