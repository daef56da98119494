import type { App } from './apps.ts';
import { flowList, type Line, type Pair, scalar } from './lines.ts';
import { templateVariables } from './ports.ts';

/** Returns the inputs for a Dockerfile that is not the one of the root, or for a stage of it. */
export function buildPairs({ context, dockerfile, target, at }: Pick<App, 'context' | 'dockerfile' | 'target' | 'at'>): Pair[] {
  const usual = context === '.' ? 'Dockerfile' : `${context}/Dockerfile`;
  return [
    ...(context === '.' ? [] : [{ key: 'context', value: context, why: `the folder of ${at}` }]),
    ...(dockerfile === usual ? [] : [{ key: 'file', value: dockerfile, why: `the Dockerfile of ${at}` }]),
    ...(target === undefined ? [] : [{ key: 'target', value: target, why: `the stage of ${at}` }]),
  ];
}

/** Returns the lines of a configuration file with an app for each image. `port` is that of apps whose files name none. */
export function configLines(apps: readonly App[], port: number | undefined): Line[] {
  return [
    { text: 'apps:', why: 'the repository has several images; each app has a job of its own' },
    ...apps.flatMap((app) => {
      const { name, at, context, dependsOn } = app;
      const vars = templateVariables(app, port);
      return [
        { text: `  ${name}:`, why: at },
        { text: `    context: ${scalar(context)}`, why: `the folder of ${at}` },
        ...buildPairs(app).flatMap(({ key, value, why }) => (key === 'context' ? [] : [{ text: `    ${key}: ${scalar(value)}`, why }])),
        ...(dependsOn.length === 0 ? [] : [{ text: `    depends-on: ${flowList(dependsOn)}`, why: `${at} depends on it` }]),
        ...(context === '.' ? [] : [{ text: `    paths: ${flowList([context])}`, why: `deployed only when a file of ${context} changed` }]),
        ...(vars.length === 0 ? [] : [{ text: '    vars:' }]),
        ...vars.map(({ key, value, why }) => ({ text: `      ${key}: ${scalar(value)}`, why })),
      ];
    }),
  ];
}
