import type { Constraint, Service, TaskGroup } from '../nomad/types.ts';

const CNI = ['bridge', 'firewall', 'host-local', 'loopback', 'portmap'];
const semver = (attribute: string, least: string): Constraint => ({
  LTarget: `\${attr.${attribute}}`,
  Operand: 'semver',
  RTarget: `>= ${least}`,
});

/** Returns the constraints that Nomad adds to a group because of its services, secrets, network and signals: see `jobImpliedConstraints` of Nomad's source. */
export function implied({ Services, Tasks, Networks }: TaskGroup): Constraint[] {
  const services = [Services, ...(Tasks ?? []).map((task) => task.Services)].flatMap((list) => list ?? []);
  const signals = (Tasks ?? []).flatMap(({ KillSignal, Templates }) => [
    KillSignal,
    ...(Templates ?? []).map(({ ChangeMode, ChangeSignal }) => (ChangeMode === 'signal' ? ChangeSignal : undefined)),
  ]);
  const asked = [...new Set(signals.flatMap((signal) => (signal ? [signal] : [])))].sort();
  return [
    ...(services.some(({ Provider }) => Provider === 'nomad')
      ? [{ LTarget: '${attr.nomad.service_discovery}', Operand: '=', RTarget: 'true' }]
      : []),
    ...services.filter(({ Provider }) => Provider !== 'nomad').map(consul),
    ...(Tasks ?? []).flatMap(({ Vault }) => (Vault ? [vault(Vault.Cluster)] : [])),
    ...(Networks?.[0]?.Mode === 'bridge' ? CNI.map((plugin) => semver(`plugins.cni.version.${plugin}`, '0.4.0')) : []),
    ...(asked.length === 0 ? [] : [{ LTarget: '${attr.os.signals}', Operand: 'set_contains', RTarget: asked.join(',') }]),
  ];
}

const isDefault = (cluster: string | null | undefined): boolean => !cluster || cluster === 'default';
const consul = ({ Cluster }: Service): Constraint => semver(isDefault(Cluster) ? 'consul.version' : `consul.${Cluster}.version`, '1.8.0');
const vault = (cluster: string | null | undefined): Constraint =>
  isDefault(cluster) ? semver('vault.version', '0.6.1') : semver(`vault.${cluster}.version`, '1.11.0');
