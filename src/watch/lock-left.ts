import { connect } from '../nomad/index.ts';
import type { Env, Runtime, Word } from '../runtime/runtime.ts';
import { readConnection } from '../target/index.ts';
import { ownWay } from './killed.ts';

/** The form of a saved lock: its namespace, path, id and region. Other programs on the runner can write the saved state, too. */
const LOCK = /^([\w-]{1,128}) (nomad-deploy\/locks\/[\w~/-]{1,128}) ([\da-f-]{36}) ([\w.-]{0,128})$/;
const RELEASE_MS = 4_000;

/** Releases, in the post step, the locks of a run that was killed, where the inputs of the step give the saved address. A lock that stays ends by itself. */
export async function releaseLeft({ locks = '', ...word }: Word, env: Env, runtime: Runtime): Promise<void> {
  const own = await ownWay(word, env, runtime);
  if (own === undefined) return;
  const { inputs, ...way } = own;
  for (const line of locks.split('\n')) {
    const [, namespace, path, id, region] = LOCK.exec(line) ?? [];
    if (path === undefined || id === undefined) continue;
    const nomad = await connect(await readConnection(inputs, { ...way, region: region || way.region }, runtime), runtime);
    try {
      await nomad.variables.releaseLock(path, id, namespace, nomad.clock.timeout(RELEASE_MS));
      runtime.log.info(`The lock ${path} of the killed step is released.`);
    } finally {
      await nomad.close();
    }
  }
}
