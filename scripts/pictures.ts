// `npm run pictures`: deploys to a throw-away cluster, as `npm run demo` does, and takes the pictures of docs/pictures: the job summaries of these runs as
// GitHub shows them, the log of the one that fails, the screens of the terminal program, and the tour of the README. The words `summaries`, `terminal` and
// `tour` choose some of them. It needs Chromium, at /usr/bin/chromium or where `CHROMIUM` says.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { type ActionResult, makeWorkspace, runAction } from './parts/action.ts';
import { type Docker, startDocker } from './parts/docker.ts';
import { importBusybox } from './parts/images.ts';
import { type Nomad, startNomad } from './parts/nomad.ts';
import { type Registry, startRegistry } from './parts/registry.ts';
import { startRun, stopAll } from './parts/state.ts';
import { logPage, STYLE, summaryPage } from './picture-pages.ts';
import { SCREEN_STYLE, terminalPictures } from './terminal-pictures.ts';
import type { Step } from './tour.ts';
import { TOUR_STYLE, tourPictures } from './tour-pictures.ts';

const FOLDER = join(import.meta.dirname, '../docs/pictures');
const WIDTH = 980;
/** The README shows two of these side by side. */
const TOUR_WIDTH = 660;

interface Parts {
  readonly docker: Docker;
  readonly registry: Registry;
  readonly nomad: Nomad;
}

/** Takes a picture of a page. It is as high as the page, and at least as high as the viewport. */
async function take(page: Page, name: string, body: string): Promise<void> {
  await page.setContent(`<!doctype html><meta charset="utf-8"><style>${STYLE}${SCREEN_STYLE}${TOUR_STYLE}</style><body>${body}`);
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true });
  console.log(`docs/pictures/${name}.png`);
}

const app = (greeting: string, more = ''): Record<string, string> => ({
  Dockerfile: 'FROM busybox:1.37\nCOPY start.sh /\nEXPOSE 5000\nCMD ["sh", "/start.sh"]\n',
  'start.sh': `${more}mkdir -p /www\necho '${greeting}' > /www/index.html\nexec httpd -f -p 5000 -h /www\n`,
});

/** A job of one task that runs a shell command; `more` is HCL of the group. */
const job = (id: string, command: string, more = ''): string => `job "${id}" {
  update {
    min_healthy_time  = "1s"
    progress_deadline = "0"
  }
  group "app" {
    ${more}
    restart {
      attempts = 0
      mode     = "fail"
    }
    reschedule {
      attempts  = 0
      unlimited = false
    }
    task "main" {
      driver = "docker"
      config {
        image   = "busybox:1.37"
        command = "sh"
        args    = ["-c", ${JSON.stringify(command)}]
      }
      template {
        destination = "local/app.conf"
        data        = <<-EOF
          greeting = "${id}"
        EOF
      }
    }
  }
}
`;

/** Runs the action in a checkout, as a push to the default branch would unless the step says otherwise. */
async function runStep(workspace: string, { docker, registry, nomad }: Parts, { inputs, env, ...step }: Step): Promise<ActionResult> {
  return runAction({
    ...step,
    workspace,
    inputs: {
      'nomad-addr': nomad.address,
      'nomad-token': nomad.token,
      'base-domain': 'apps.example.com',
      registry: registry.address,
      'registry-username': registry.username,
      'registry-password': registry.password,
      ...inputs,
    },
    env: {
      ...docker.env,
      BUILDX_BUILDER: 'default',
      BUILDX_GIT_INFO: 'false',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_SHA: 'ffac537e6cbbf934b08745a378932722df287a53',
      NOMAD_VAR_SERVICE_PROVIDER: 'nomad',
      NOMAD_VAR_MIN_HEALTHY_TIME: '2s',
      NOMAD_VAR_RESTART_ATTEMPTS: '0',
      NOMAD_VAR_PROGRESS_DEADLINE: '0s',
      ...env,
    },
  });
}

/** Deploys these files. */
const deploy = async (
  files: Readonly<Record<string, string>>,
  parts: Parts,
  inputs: Readonly<Record<string, string>> = {},
): Promise<ActionResult> => runStep(makeWorkspace(files), parts, { inputs, env: { NOMAD_VAR_COUNT: '3' } });

function expect({ outputs, log }: ActionResult, outcome: string): void {
  if (outputs['outcome'] !== outcome) throw new Error(`the outcome should be ${outcome}, and is ${outputs['outcome']}:\n${log}`);
}

async function pictures(page: Page, parts: Parts): Promise<void> {
  const first = await deploy(app('Hello'), parts);
  expect(first, 'successful');
  const good = await deploy(app('Hello, world'), parts);
  expect(good, 'successful');
  await take(page, 'summary-good', await summaryPage(good.summary, /^(Changes|Allocations)/));

  const bad = await deploy(app('Hello', 'echo "connecting to db.internal:5432"\n: "${DATABASE_URL:?is not set}"\n'), parts);
  expect(bad, 'failed');
  await take(page, 'summary-failed', await summaryPage(bad.summary, /^(Allocation|Log)/));
  await take(page, 'log-failed', logPage(bad.shown, /^(Build|Check|Plan|Register)/));

  const spec = {
    'api.nomad': job('api', 'sleep 3600'),
    'worker.nomad': job('worker', 'sleep 3600'),
    'web.nomad': job('web', 'sleep 3600'),
  };
  const jobs = { job: Object.keys(spec).join('\n'), build: 'false' };
  expect(await deploy(spec, parts, jobs), 'successful');
  const changed = { 'api.nomad': job('api', 'sleep 3600', 'count = 2').replace('greeting = "api"', 'greeting = "hello"') };
  const plan = await deploy(changed, parts, { job: 'api.nomad', build: 'false', command: 'plan' });
  expect(plan, 'planned');
  await take(page, 'summary-plan', await summaryPage(plan.summary, /./));

  const worker = job('worker', 'echo "no queue at amqp://queue:5672" >&2; exit 3');
  const several = await deploy({ ...spec, 'worker.nomad': worker, 'api.nomad': job('api', 'sleep 3601') }, parts, jobs);
  expect(several, 'failed');
  await take(page, 'summary-several', await summaryPage(several.summary, /^(Allocation |Log|.*worker)/));
}

/** The kinds of pictures that the command line names; all of them without a word. */
const asked = process.argv.slice(2);
const wanted = (kind: 'terminal' | 'summaries' | 'tour'): boolean => asked.length === 0 || asked.includes(kind);

const run = await startRun();
const temporary = join(run.folder, 'tmp');
mkdirSync(temporary);
mkdirSync(FOLDER, { recursive: true });
Object.assign(process.env, { TMPDIR: temporary });
try {
  const docker = await startDocker(run);
  await importBusybox(run, docker, 'busybox:1.37');
  const registry = await startRegistry(run);
  const config = 'server {\n  default_scheduler_config {\n    memory_oversubscription_enabled = true\n  }\n}\n';
  const nomad = await startNomad(run, { docker, registries: [registry], acl: true, config });
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: WIDTH, height: 100 } });
    const picture = async (name: string, body: string): Promise<void> => take(page, name, body);
    const parts = { docker, registry, nomad };
    if (wanted('terminal')) await terminalPictures(nomad, picture);
    if (wanted('summaries')) {
      await page.setViewportSize({ width: WIDTH, height: 600 });
      await pictures(page, parts);
    }
    if (wanted('tour')) {
      await page.setViewportSize({ width: TOUR_WIDTH, height: 100 });
      await tourPictures(nomad, async (folder, step) => runStep(folder, parts, step), picture);
    }
  } finally {
    await browser.close();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await stopAll();
}
