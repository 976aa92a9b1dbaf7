// A Redis of a test's own, gone with the test.

import { spawnSync } from 'node:child_process';
import { onTestFinished, test } from 'vitest';
import { RedisProcess } from './redis-process.ts';

/** Whether this machine has one. */
export const hasRedis = spawnSync('redis-server', ['--version']).error === undefined;

/** A test that is counted as not run where there is no Redis. */
export const withRedis = (name: string, body: () => Promise<void>, timeoutMs?: number): void => {
  if (hasRedis) test(name, body, timeoutMs);
  else test.skip('shared store: redis-server is not installed', body);
};

/** A running Redis for this test. */
export const startRedis = async (): Promise<RedisProcess> => {
  const redis = new RedisProcess();
  onTestFinished(() => redis.close());
  await redis.start();
  return redis;
};
