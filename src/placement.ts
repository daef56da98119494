import type { AllocMetric, Job } from './nomad/types.ts';

/** Why a group does not fit, in one sentence: `fits on 0 of 4 nodes: 3 lack memory, 1 is filtered by ${meta.kind} = tcp`. */
export function describePlacement(group: string, metric: AllocMetric, _job?: Job): string {
  if (metric.NodesEvaluated === 0) return `group ${group}: no eligible node in the datacenters and node pool of the job`;
  const filtered = Object.entries(metric.ConstraintFiltered ?? {}).map(
    ([constraint, nodes]) => `${nodes} filtered by ${explain(constraint)}`,
  );
  const exhausted = Object.entries(metric.DimensionExhausted ?? {}).map(([dimension, nodes]) => `${nodes} short of ${dimension}`);
  const quota = (metric.QuotaExhausted ?? []).map((dimension) => `quota exhausted: ${dimension}`);
  const reasons = [...exhausted, ...filtered, ...quota];
  const missing = metric.CoalescedFailures + 1;
  return `group ${group}: ${missing} allocation${missing === 1 ? '' : 's'} fit${missing === 1 ? 's' : ''} on none of ${metric.NodesEvaluated} node${metric.NodesEvaluated === 1 ? '' : 's'} (${reasons.join(', ') || 'no reason given'})`;
}

/** A constraint that Nomad adds by itself, in the user's words. */
function explain(constraint: string): string {
  if (!constraint.includes('attr.consul.version')) return constraint;
  return `${constraint}: no Consul there; NOMAD_VAR_SERVICE_PROVIDER=nomad uses Nomad's own services`;
}
