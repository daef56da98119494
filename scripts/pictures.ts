// `npm run pictures`: deploys to a throw-away cluster, as `npm run demo` does, and takes the pictures of docs/pictures: the job summaries of these runs as
// GitHub shows them, the log of the one that fails, and the screens of the terminal program (with the word `terminal`, only these). It needs Chromium, at /usr/bin/chromium or where `CHROMIUM` says.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { marked } from 'marked';
import { chromium, type Page } from 'playwright-core';
import { type ActionResult, makeWorkspace, runAction } from './parts/action.ts';
import { type Docker, startDocker } from './parts/docker.ts';
import { importBusybox } from './parts/images.ts';
import { type Nomad, startNomad } from './parts/nomad.ts';
import { type Registry, startRegistry } from './parts/registry.ts';
import { startRun, stopAll } from './parts/state.ts';
import { SCREEN_STYLE, terminalPictures } from './terminal-pictures.ts';

const FOLDER = join(import.meta.dirname, '../docs/pictures');
const WIDTH = 980;

interface Parts {
  readonly docker: Docker;
  readonly registry: Registry;
  readonly nomad: Nomad;
}

/** What GitHub's own style makes of a summary. */
const STYLE = `
  body { font: 14px/1.5 'DejaVu Sans', sans-serif; color: #1f2328; margin: 20px; width: ${WIDTH - 40}px }
  h2 { font-size: 18px; margin: 0 0 12px } p { margin: 12px 0 } a { color: #0969da; text-decoration: none }
  table { border-collapse: collapse; font-size: 13px; margin: 12px 0 } td, th { border: 1px solid #d1d9e0; padding: 2px 11px; text-align: left }
  code { font: 12px 'DejaVu Sans Mono', monospace; background: #eff1f3; border-radius: 4px; padding: 2px 4px }
  pre { background: #f6f8fa; border-radius: 6px; padding: 10px 12px; margin: 8px 0; white-space: pre-wrap } pre code { background: none; padding: 0 }
  details { margin: 8px 0 } details details { margin-left: 12px } summary { font-weight: 600 }
  thead:not(:has(th:not(:empty))) { display: none }
  .add { color: #1a7f37 } .del { color: #d1242f }
  .log { background: #0d1117; color: #d1d7e0; font: 12px/1.55 'DejaVu Sans Mono', monospace; padding: 14px 16px; border-radius: 6px; white-space: pre-wrap }
  .log .group { color: #fff; font-weight: 600 } .log .error { color: #ff7b72 } .log .warning { color: #d29922 } .log .notice { color: #58a6ff }
`;

/** The signs of outcomes, in characters that every font has. */
const SIGNS: Readonly<Record<string, string>> = {
  '✅': '<b class="add">✔</b>',
  '❌': '<b class="del">✘</b>',
  '⏭️': '▹',
  '⏸️': '‖',
  '⚠️': '⚠',
  ℹ️: 'i',
};

const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Returns a Markdown summary as a page. `open` names the folds that are shown unfolded. */
async function summaryPage(markdown: string, open: RegExp): Promise<string> {
  const parsed = await marked.parse(markdown, { gfm: true });
  const html = Object.entries(SIGNS).reduce((text, [sign, shown]) => text.replaceAll(sign, shown), parsed);
  const folds = html.replace(
    /<details(?: open)?>\s*<summary>(.*?)<\/summary>/gs,
    (_whole, title: string) => `<details${open.test(title.replace(/<[^>]*>/g, '')) ? ' open' : ''}><summary>${title}</summary>`,
  );
  return folds.replace(/(<code class="language-diff">)(.*?)(<\/code>)/gs, (_whole, begin: string, text: string, end: string) => {
    const lines = text
      .split('\n')
      .map((line) => (/^[+-]/.test(line) ? `<span class="${line.startsWith('+') ? 'add' : 'del'}">${line}</span>` : line));
    return begin + lines.join('\n') + end;
  });
}

/** Returns the log of a step as a page: groups as headings, commands as GitHub colours them. Lines of groups that `folded` names are left out. */
function logPage(shown: string, folded: RegExp): string {
  let isFolded = false;
  const lines = shown.split('\n').flatMap((line) => {
    const [, name, data = ''] = /^::([a-z-]+)[^:]*::(.*)$/.exec(line) ?? [];
    if (name === 'group') {
      isFolded = folded.test(data);
      return [`<span class="group">${isFolded ? '▸' : '▾'} ${escaped(data)}</span>`];
    }
    if (name === 'endgroup') isFolded = false;
    if (name === 'error' || name === 'warning' || name === 'notice') return [`<span class="${name}">${name}: ${escaped(data)}</span>`];
    return name !== undefined || line === '' || isFolded ? [] : [escaped(line)];
  });
  return `<div class="log">${lines.join('\n')}</div>`;
}

async function take(page: Page, name: string, body: string): Promise<void> {
  await page.setContent(`<!doctype html><meta charset="utf-8"><style>${STYLE}${SCREEN_STYLE}</style><body>${body}`);
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

/** Runs the action as a push to the default branch would. */
async function deploy(
  files: Readonly<Record<string, string>>,
  { docker, registry, nomad }: Parts,
  inputs: Readonly<Record<string, string>> = {},
): Promise<ActionResult> {
  return runAction({
    workspace: makeWorkspace(files),
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
      NOMAD_VAR_COUNT: '3',
    },
  });
}

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
    const page = await browser.newPage({ viewport: { width: WIDTH, height: 600 } });
    // A screen is as high as its lines.
    await page.setViewportSize({ width: WIDTH, height: 100 });
    await terminalPictures(nomad, async (name, body) => take(page, name, body));
    await page.setViewportSize({ width: WIDTH, height: 600 });
    if (!process.argv.includes('terminal')) await pictures(page, { docker, registry, nomad });
  } finally {
    await browser.close();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await stopAll();
}
