import type { App } from './apps.ts';
import type { Pair } from './lines.ts';

/** The port of the built-in template. */
const USUAL_PORT = 5000;

/** Returns the variables of the built-in template by which an app is reached and checked, without those that have the default of the template. */
export function templateVariables({ name, main, extra, isWorker, checkPath }: App, port?: number): Pair[] {
  if (isWorker)
    return [{ key: 'CHECK_PROTOCOL', value: 'none', why: `${name} has no port in the compose file, so a running task counts as healthy` }];
  const number = main?.number ?? port ?? USUAL_PORT;
  // `-1` has a meaning of its own.
  const others = extra.filter((one) => one.number !== 1);
  const list = [`${number} = "http"`, ...others.map((one) => `-${one.number} = "port-${one.number}"`)].join(', ');
  const why = main === undefined ? 'the port of your answer' : `the port of ${main.at}`;
  const further =
    others.length === 0
      ? ''
      : `; a negative number is a TCP port without an address: ${[...new Set(others.map(({ at }) => at))].join(', ')}`;
  return [
    ...(number === USUAL_PORT && others.length === 0
      ? []
      : [{ key: 'PORTS', value: `{ ${list} }`, why: `${why} is the main one${further}` }]),
    ...(checkPath === undefined
      ? []
      : [{ key: 'CHECK_PATH', value: checkPath.text, why: `the path of the health check of ${checkPath.at}` }]),
  ];
}
