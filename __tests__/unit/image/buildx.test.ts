import { expect, test } from '@jest/globals';
import { runBuildx } from '../../../src/image/buildx.ts';

const USR = ['local/lib', 'local/libexec', 'lib', 'libexec'].map((folder) => `/usr/${folder}/docker/cli-plugins/docker-buildx`);
const OWN = '/config/cli-plugins/docker-buildx';

/** Returns the programs that are tried where only the last of them exists, which exits with `code`. */
async function tried(version: 'any' | 'same', env: Readonly<Record<string, string>>, there: string, code = 0): Promise<string[]> {
  const programs: string[] = [];
  const result = await runBuildx(
    ['build', '.'],
    version,
    { cwd: '/', env },
    {
      exec: async ([program, ...args]) => {
        programs.push(program);
        expect(args.slice(-2)).toEqual(['build', '.']);
        const output = { stdout: '', stderr: '', lines: [] };
        return program === there ? { code, ...output } : { code: 127, notStarted: true, ...output };
      },
    },
  );
  expect(result.code).toBe(code);
  return programs;
}

test.each(['any', 'same'] as const)('with a login, %s version of buildx is the plugin that docker finds first', async (version) => {
  const env = { DOCKER_CONFIG: '/config' };
  expect(await tried(version, env, OWN)).toEqual([OWN]);
  expect(await tried(version, env, '/usr/lib/docker/cli-plugins/docker-buildx')).toEqual([OWN, ...USR.slice(0, 3)]);
  expect(await tried(version, env, 'docker')).toEqual([OWN, ...USR, 'docker']);
});

test('without a login, only docker knows the folder of the user: a build goes by docker', async () => {
  expect(await tried('same', {}, 'docker')).toEqual(['docker']);
  expect(await tried('any', {}, '/usr/libexec/docker/cli-plugins/docker-buildx')).toEqual(USR);
});

test('a plugin that fails is not run again by docker, whatever its exit code is', async () => {
  expect(await tried('same', { DOCKER_CONFIG: '/config' }, OWN, 127)).toEqual([OWN]);
});
