/**
 * Calls that mean a device. This is the one place where they end while there is no transport to devices: whoever brings one
 * begins here.
 */
import { type Refusal, refusal, refuse } from './codes.ts';
import type { StreamInfo } from './face.ts';
import { readXp2pInfo } from './xp2p-info.ts';

/** What is wrong with a device as it was named; undefined when nothing is. */
export const judgeDevice = ({ productId, deviceName, xp2pInfo }: StreamInfo): Refusal | undefined => {
  const named = { productId, deviceName, xp2pInfo };
  const missing = Object.entries(named).find(([, value]) => value === undefined);
  if (missing !== undefined || xp2pInfo === undefined) return refusal(-2000, `streamInfo.${missing?.[0]}`);
  const info = readXp2pInfo(xp2pInfo);
  switch (info.kind) {
    case 'malformed':
      return refusal(-2001);
    case 'too-old':
      return refusal(-2005, info.version);
    case 'ok':
      return undefined;
  }
};

/** Everything that needs a device. */
export const refuseDevice = (call: string): Promise<never> =>
  refuse(-2004, `${call}: there is no transport to devices yet`);
