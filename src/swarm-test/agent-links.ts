/**
 * The part of the agent that holds the page's peer connections, so that a test can cut them or forbid them.
 */

/** How a link is told apart from others: both of its ends know both. */
export interface LinkMark {
  readonly here: string | undefined;
  readonly there: string | undefined;
}

/** The links of a page. */
export interface Links {
  links(): readonly LinkMark[];
  /** Closes the links with these marks; says how many. */
  cut(marks: readonly LinkMark[]): number;
  /** Whether links can be made at all, as where UDP is blocked they cannot. */
  allowLinks(allowed: boolean): void;
}

/** Stands before the browser's peer connections. Runs in the page, so it uses nothing from outside itself. */
export function holdLinks(): Links {
  let connections: RTCPeerConnection[] = [];
  let allowed = true;

  const live = (): RTCPeerConnection[] => {
    connections = connections.filter(({ signalingState }) => signalingState !== 'closed');
    return connections;
  };
  const ufragOf = (description: RTCSessionDescription | null): string | undefined =>
    /^a=ice-ufrag:(\S+)/m.exec(description?.sdp ?? '')?.[1];
  const markOf = (connection: RTCPeerConnection): LinkMark => ({
    here: ufragOf(connection.localDescription),
    there: ufragOf(connection.remoteDescription),
  });
  const close = (doomed: readonly RTCPeerConnection[]): number => {
    for (const connection of doomed) connection.close();
    return doomed.length;
  };

  const held = (original: typeof RTCPeerConnection): typeof RTCPeerConnection =>
    new Proxy(original, {
      construct(target, [configuration]: [RTCConfiguration?], newTarget) {
        // Without a relay there are no candidates then, as behind a firewall that lets no UDP out.
        const forbidden: RTCConfiguration = { ...configuration, iceServers: [], iceTransportPolicy: 'relay' };
        const made = Reflect.construct(target, [allowed ? configuration : forbidden], newTarget) as RTCPeerConnection;
        connections = [...live(), made];
        return made;
      },
    });
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection']) {
    const original: unknown = Reflect.get(globalThis, name);
    if (typeof original === 'function') Reflect.set(globalThis, name, held(original as typeof RTCPeerConnection));
  }
  return {
    links: () => live().map(markOf),
    cut: (marks) =>
      close(
        live().filter((connection) => {
          const { here, there } = markOf(connection);
          return marks.some((mark) => mark.here === here && mark.there === there);
        }),
      ),
    allowLinks(now) {
      allowed = now;
      if (!allowed) close(live());
    },
  };
}
