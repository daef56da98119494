// A plan was approved. What can somebody get deployed by that approval who may change the spec, or write comments, afterwards?
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { ActionResult } from '../../scripts/parts/action.ts';
import { cluster, type Deploy, deploy } from '../helpers/deploying.ts';
import { type GitHubServer, startGitHub } from '../helpers/github.ts';
import { parts } from '../helpers/parts.ts';

const SHA = { merge: 'b'.repeat(40), main: 'c'.repeat(40) };
const PULL: Partial<Deploy> = {
  event: {
    name: 'pull_request',
    payload: { pull_request: { number: 7, head: { ref: 'fix/7', sha: 'a'.repeat(40), repo: { full_name: 'Acme/Shop' } } } },
  },
  env: { GITHUB_HEAD_REF: 'fix/7', GITHUB_REF: 'refs/pull/7/merge', GITHUB_REF_NAME: '7/merge', GITHUB_SHA: SHA.merge, GITHUB_RUN_ID: '1' },
};

/** A job whose command is `command`, which says of which commit and branch it is in all ways that are ordinary. */
const files = (job: string, command: string): Record<string, string> => ({
  'project.nomad': `
variable "CI_COMMIT_SHA" { type = string }
variable "CI_COMMIT_REF_SLUG" { type = string }
job "${job}" {
  update {
    min_healthy_time  = "500ms"
    healthy_deadline  = "8s"
    progress_deadline = "9s"
  }
  meta {
    commit = var.CI_COMMIT_SHA
  }
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", ${JSON.stringify(command)}]
      }
      env {
        CI_COMMIT_SHA      = var.CI_COMMIT_SHA
        CI_COMMIT_REF_SLUG = var.CI_COMMIT_REF_SLUG
      }
      template {
        data        = "CI_COMMIT_SHA=\${var.CI_COMMIT_SHA}\\nCI_COMMIT_REF_SLUG=\\"\${var.CI_COMMIT_REF_SLUG}\\"\\n"
        destination = "local/ci.env"
        env         = true
      }
      resources {
        cpu    = 10
        memory = 16
      }
    }
  }
}
`,
});

const plan = async (github: GitHubServer, own: Record<string, string>, build = 'false'): Promise<ActionResult> =>
  deploy({ github, ...PULL, files: own, inputs: { command: 'plan', environment: 'main', build } });
const deployed = async (
  github: GitHubServer,
  own: Record<string, string>,
  approved = 'merged-pull-request',
  build = 'false',
): Promise<ActionResult> =>
  deploy({
    github,
    files: own,
    inputs: { 'approved-plan': approved, build },
    env: { GITHUB_SHA: SHA.main, GITHUB_RUN_ID: '2' },
  });

async function withGitHub(work: (github: GitHubServer) => Promise<void>): Promise<void> {
  const github = await startGitHub();
  try {
    github.pull(7, { state: 'closed', merged_at: '2026-11-21T12:00:00Z', merge_commit_sha: SHA.main });
    github.state.commitPulls.set(SHA.main, [7]);
    await work(github);
  } finally {
    await github.stop();
  }
}

const changed = { code: 1, outputs: { outcome: 'failed', 'failure-reason': 'plan-changed' } };

describe('another command than the approved one', () => {
  test.concurrent.each<[string, string, string]>([
    ['behind a variable of the commit', 'sleep 300; CI_COMMIT_SHA=x; true', 'sleep 300; CI_COMMIT_SHA=x; touch /tmp/evil'],
    ['behind another one, quoted', 'CI_COMMIT_TAG="" ; sleep 300', 'CI_COMMIT_TAG="" ; touch /tmp/evil; sleep 300'],
    ['with the value of a variable of the commit', 'sleep 300\nCI_PIPELINE_SOURCE=push', 'sleep 300\nCI_PIPELINE_SOURCE=evil'],
    ['that is the word which stands for an image', 'sleep 300 # <image>', 'sleep 300 # <image 2>'],
  ])('is not deployed: %s', async (_what, approved, other) => {
    const job = `ap-command-${createHash('sha256').update(other).digest('hex').slice(0, 8)}`;
    await withGitHub(async (github) => {
      const { outputs } = await plan(github, files(job, approved));
      const fingerprint = outputs['plan-fingerprint'] ?? '';
      for (const by of ['merged-pull-request', fingerprint]) expect(await deployed(github, files(job, other), by)).toMatchObject(changed);
      expect(await cluster.job(job)).toBeUndefined();
    });
  });

  test.concurrent('is not deployed: of a spec that tells whether it has secrets', async () => {
    const secretive = (job: string, command: string): Record<string, string> => {
      const { 'project.nomad': text = '' } = files(job, 'COMMAND');
      const own = text
        .replace('"COMMAND"', command)
        .replace(
          '      resources {',
          '      template {\n        data        = var.SECRETS_TEMPLATE\n        destination = "secrets/env"\n        env         = true\n      }\n      resources {',
        );
      return { 'project.nomad': `variable "SECRETS_TEMPLATE" { type = string }\nvariable "SECRETS_RELEASE" { type = string }\n${own}` };
    };
    const withSecrets = async (github: GitHubServer, own: Record<string, string>, approved = ''): Promise<ActionResult> =>
      deploy({
        github,
        files: own,
        inputs: { 'approved-plan': approved, build: 'false', secrets: 'PASSWORD=hunter22' },
        env: { GITHUB_SHA: SHA.main, GITHUB_RUN_ID: '2' },
      });
    await withGitHub(async (github) => {
      const told = secretive('ap-secrets', 'var.SECRETS_RELEASE == "none" ? "sleep 300" : "touch evil; sleep 300"');
      const { outputs } = await plan(github, told);
      expect(await withSecrets(github, told, outputs['plan-fingerprint'])).toMatchObject(changed);
      expect(await cluster.job('ap-secrets')).toBeUndefined();
      const honest = secretive('ap-secret', '"echo ${var.SECRETS_RELEASE}; sleep 300"');
      const approved = await plan(github, honest);
      const same = await withSecrets(github, honest, approved.outputs['plan-fingerprint']);
      expect(same).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    });
  });

  test.concurrent('while the approved one is, of another commit, branch and event', async () => {
    await withGitHub(async (github) => {
      await plan(github, files('ap-same', 'sleep 300'));
      expect(await deployed(github, files('ap-same', 'sleep 300'))).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    });
  });

  // One after the other, since both build the image of the same repository.
  test('is not deployed: of a spec that spells out the name which the built image has in this run', async () => {
    const spec = (command: string): Record<string, string> => {
      const { 'project.nomad': text = '' } = files('ap-spelt', command);
      return { Dockerfile: 'FROM busybox:1.37\n', 'project.nomad': `variable "image" { type = string }\n${text}` };
    };
    await withGitHub(async (github) => {
      const { address } = parts().registry;
      const { outputs } = await plan(github, spec('echo ${var.image}; sleep 300'), 'auto');
      const name = `${address}/acme/shop@sha256:${'0'.repeat(64)}`;
      const spelt = await deployed(github, spec(`echo ${name}; sleep 300`), outputs['plan-fingerprint'], 'auto');
      expect(spelt).toMatchObject(changed);
      expect(spelt.outputs['image']).toBeUndefined();
      const same = await deployed(github, spec('echo ${var.image}; sleep 300'), outputs['plan-fingerprint'], 'auto');
      expect(same).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    });
  });

  test('is not deployed: of a spec that tells the name of a built image from the one that it has in a plan', async () => {
    const spec = (job: string, command: string): Record<string, string> => {
      const { 'project.nomad': text = '' } = files(job, 'COMMAND');
      const own = `variable "image" { type = string }\n${text.replace('"COMMAND"', command)}`;
      return { Dockerfile: 'FROM busybox:1.37\n', 'project.nomad': own };
    };
    await withGitHub(async (github) => {
      const told = spec('ap-told', 'replace(var.image, "@sha256:0000", "") == var.image ? "touch evil; sleep 300" : "sleep 300"');
      const { outputs } = await plan(github, told, 'auto');
      // People were shown the harmless one.
      expect(readFileSync(outputs['spec'] ?? '', 'utf8')).not.toContain('evil');
      expect(await deployed(github, told, outputs['plan-fingerprint'], 'auto')).toMatchObject(changed);
      expect(await cluster.job('ap-told')).toBeUndefined();
      const honest = spec('ap-untold', '"echo ${var.image} ${substr(split("@", var.image)[1], 7, 12)}; sleep 300"');
      const approved = await plan(github, honest, 'auto');
      const same = await deployed(github, honest, approved.outputs['plan-fingerprint'], 'auto');
      expect(same).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    });
  });
});

interface Author {
  readonly login: string;
  readonly type: string;
  readonly association: string;
}

describe('a plan in a comment that the token did not write', () => {
  /** Somebody copies our comment on the plan of another spec. */
  async function pasted(github: GitHubServer, job: string, author: Author | undefined, first = false): Promise<void> {
    const other = await startGitHub();
    other.pull(7);
    await plan(other, files(job, 'sleep 301'));
    await other.stop();
    const [evil] = other.state.comments.get(7) ?? [];
    const own = github.state.comments.get(7) ?? [];
    const { association, ...user } = author ?? {};
    const made = {
      ...evil,
      ...(author && { user: { ...evil?.user, ...user }, author_association: association }),
      id: first ? 1 : 999_999,
    } as (typeof own)[number];
    github.state.comments.set(7, first ? [made, ...own] : [...own, made]);
  }
  const by = (login: string, type: string, association: string): Author => ({ login, type, association });

  test.concurrent.each<[string, string, Author]>([
    ['a member', 'member', by('mia', 'User', 'MEMBER')],
    ['a collaborator who may only read', 'collaborator', by('carl', 'User', 'COLLABORATOR')],
    ['an owner', 'owner', by('olga', 'User', 'OWNER')],
    ['a user who is called like the bot', 'user', by('github-actions', 'User', 'NONE')],
    ['a bot that echoes what users say', 'echo', by('echo[bot]', 'Bot', 'NONE')],
  ])('does not count: %s', async (_who, name, author) => {
    const job = `ap-comment-${name}`;
    await withGitHub(async (github) => {
      await pasted(github, job, author);
      expect(await deployed(github, files(job, 'sleep 301'))).toMatchObject(changed);
      expect(await cluster.job(job)).toBeUndefined();
      // Beside ours, older and newer.
      await plan(github, files(job, 'sleep 300'));
      await pasted(github, job, author, true);
      expect(await deployed(github, files(job, 'sleep 301'))).toMatchObject(changed);
      expect(await deployed(github, files(job, 'sleep 300'))).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    });
  });

  test.concurrent('in the middle of one of ours does not count', async () => {
    await withGitHub(async (github) => {
      await plan(github, files('ap-middle', 'sleep 300'));
      await pasted(github, 'ap-middle', undefined);
      const [ours, evil] = github.state.comments.get(7) ?? [];
      const [, marker = '', data = ''] = /^(<!--[^\n]*-->)\n(<!--[^\n]*-->)/.exec(evil?.body ?? '') ?? [];
      // A comment without a plan, as that of a deploy, which quotes a log.
      github.state.comments.set(7, [{ ...(ours as NonNullable<typeof ours>), body: `${marker}\nThe task said:\n${data}\n` }]);
      expect((await deployed(github, files('ap-middle', 'sleep 301'))).outputs).toMatchObject({
        'failure-reason': 'plan-changed',
        cause: expect.stringContaining('has no plan of this job'),
      });
    });
  });

  test.concurrent('by a token of an app of its own, the comment is that of the app', async () => {
    await withGitHub(async (github) => {
      github.state.viewer = 'acme-deployer[bot]';
      await plan(github, files('ap-app', 'sleep 300'));
      await plan(github, files('ap-app', 'sleep 300'));
      expect((github.state.comments.get(7) ?? []).map(({ user }) => user?.login)).toEqual(['acme-deployer[bot]']);
      await pasted(github, 'ap-app', by('github-actions[bot]', 'Bot', 'NONE'));
      expect(await deployed(github, files('ap-app', 'sleep 301'))).toMatchObject(changed);
      expect(await deployed(github, files('ap-app', 'sleep 300'))).toMatchObject({ code: 0, outputs: { outcome: 'successful' } });
    });
  });
});
