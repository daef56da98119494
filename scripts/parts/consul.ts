import { say } from './exec.ts';
import { freePort } from './ports.ts';
import { ready } from './ready.ts';
import type { Run } from './state.ts';
import { tool } from './tools.ts';

export interface Consul {
  /** `http://127.0.0.1:<port>`. */
  readonly address: string;
  readonly logFile: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/**
 * Starts `consul agent -dev` on free loopback ports, and waits until it leads itself. A Nomad agent that is started after it, with
 * `consul { address = "…" }` in its configuration, registers services there from its first moment; one that is running already notices a
 * Consul only after half a minute.
 */
export async function startConsul(run: Run): Promise<Consul> {
  const consul = await tool('consul');
  const begun = performance.now();
  const [http, server, serf] = [await freePort(), await freePort(), await freePort()];
  const name = `consul-${http}`;
  // What is off is not used by Nomad's services and checks: DNS, gRPC (for Envoy), the WAN and the look for a newer version.
  const off = ['dns', 'grpc', 'grpc_tls', 'https', 'serf_wan'].map((port) => `${port} = -1`);
  const ports = `ports { http = ${http}, server = ${server}, serf_lan = ${serf}, ${off.join(', ')} }`;
  const service = run.service(name, consul, [
    ...['agent', '-dev', '-node', name, '-bind', '127.0.0.1', '-client', '127.0.0.1', '-log-level', 'debug'],
    ...['-hcl', ports, '-hcl', 'disable_update_check = true'],
  ]);
  const address = `http://127.0.0.1:${http}`;
  await ready(service, name, 30, async () => {
    const answer = await fetch(`${address}/v1/status/leader`, { signal: AbortSignal.timeout(5000) });
    // An empty text as long as there is none.
    return (answer.ok && (await answer.json())) || undefined;
  });
  say(`Consul at ${address} (started in ${((performance.now() - begun) / 1000).toFixed(1)} s)`);
  return { address, logFile: service.logFile, pid: service.pid, stop: service.stop };
}
