export { forecast, type GroupForecast, type Scheduler } from './forecast.ts';
export { type Forecast, readForecast } from './read.ts';
export { describeGroup } from './sentences.ts';
