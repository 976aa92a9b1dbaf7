/**
 * What a page says of a device: whether it can be called at all, and what its requests ask for.
 */

import { decodeInfo } from '../wire/device-info.ts';
import { type Refusal, refusal } from './codes.ts';
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
      return judgeName(named, xp2pInfo);
  }
};

/** An info is of one device; one that cannot be read is found when it is used. */
const judgeName = (named: StreamName, xp2pInfo: string): Refusal | undefined => {
  const sealed = decodeInfo(xp2pInfo);
  if ('kind' in sealed) return undefined;
  const { productId, deviceName } = sealed.info;
  if (productId === named.productId && deviceName === named.deviceName) return undefined;
  return refusal(-2000, `streamInfo.xp2pInfo is that of ${productId}/${deviceName}`);
};

interface StreamName {
  readonly productId: string | undefined;
  readonly deviceName: string | undefined;
}

/** A request for media, as a page wrote it. */
export interface MediaTarget {
  /** Such as `ipc.flv?action=live&channel=0&quality=high`. */
  readonly text: string;
  readonly values: URLSearchParams;
}

/**
 * What an address such as `http://XP2P_INFO.xnet/ipc.p2p.com/ipc.flv?...` asks a device for. Names that begin with an
 * underscore are the SDK's own and go no further.
 */
export const targetOf = (address: string): MediaTarget => {
  const url = new URL(address);
  const file = url.pathname.split('/').at(-1) ?? '';
  return targetFrom(file === '' ? 'ipc.flv' : file, url.searchParams);
};

/** The same from its parts. */
export const targetFrom = (place: string, given: URLSearchParams): MediaTarget => {
  const values = new URLSearchParams([...given].filter(([name]) => !name.startsWith('_') && name !== 'crypto'));
  return { text: `${place}?${values}`, values };
};

/** Whether a page asks for its data in the clear, in any of the documented ways. */
export const asksForClear = (values: URLSearchParams, offCrypto: unknown = false): boolean =>
  offCrypto === true || values.get('_crypto') === 'off' || values.get('crypto') === 'false';

/** The channel a request is about. */
export const channelOf = (values: URLSearchParams): number => {
  const channel = Number(values.get('channel') ?? 0);
  return Number.isSafeInteger(channel) && channel >= 0 ? channel : 0;
};
