/**
 * ICE servers as a page names them, in the words of node-datachannel. An address nobody can read is left out: the others
 * may do, and a viewer plays from the origin without any.
 */
import type { IceServer } from '../../wire/service.ts';

/** An ICE server as the library wants it. */
export interface NativeServer {
  readonly hostname: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly relayType?: 'TurnUdp' | 'TurnTcp' | 'TurnTls';
}

const ADDRESS = /^(stun|turns?):(\[[^\]]+\]|[^:?]+)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/;

/** All that can be used. */
export const iceServersFor = (servers: readonly IceServer[]): NativeServer[] =>
  servers.flatMap((server) => {
    const read = nativeOf(server);
    return read === undefined ? [] : [read];
  });

const nativeOf = ({ urls, username, credential }: IceServer): NativeServer | undefined => {
  const [, scheme, host = '', port, transport] = ADDRESS.exec(urls) ?? [];
  if (scheme === undefined) return undefined;
  const address = { hostname: host.replace(/^\[|\]$/g, ''), port: Number(port ?? (scheme === 'turns' ? 5349 : 3478)) };
  if (scheme === 'stun') return address;
  const relayType = scheme === 'turns' ? 'TurnTls' : transport === 'tcp' ? 'TurnTcp' : 'TurnUdp';
  return { ...address, relayType, ...(username ? { username } : {}), ...(credential ? { password: credential } : {}) };
};
