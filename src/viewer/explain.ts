/**
 * Why sharing is as it is, in words for whoever looks at a player: the causes that cost most come first.
 */
import type { ViewerEngine } from '../core/viewer/viewer-engine.ts';

/** Sentences, most important first; never empty. */
export const explain = (engine: ViewerEngine, hasLinks: boolean): readonly string[] => {
  const { view, feeds, membership, budget, children } = engine;
  const said: string[] = [];
  const fromOrigin = feeds.all().filter((feed) => feed.source === 'origin').length;
  const orphans = feeds.all().filter((feed) => feed.source === undefined).length;
  if (!hasLinks) said.push('This browser has no WebRTC data channels, so everything comes from the origin.');
  else if (view.policy.mode === 'off')
    said.push('Sharing is switched off on this page, so everything comes from the origin.');
  else if (engine.fellBack)
    said.push('Playback stalled because of neighbours, so this viewer stays with the origin for a while.');
  else if (view.neighbours.count === 0 && !membership.joined)
    said.push('The tracker has not let this viewer in yet, so it knows no neighbours.');
  else if (view.neighbours.count === 0 && membership.dialling > 0) said.push('Links to neighbours are being made.');
  else if (view.neighbours.count === 0)
    said.push('Nobody else watches this stream, or no neighbour can be reached from this network.');
  if (said.length === 0 && view.substreams > 0) said.push(sourceSentence(view.substreams, fromOrigin, orphans));
  if (view.policy.mode === 'download-only')
    said.push('This viewer uploads nothing (metered line, no consent, or the page says so).');
  else if (view.mayUpload && view.neighbours.count > 0) {
    said.push(`It serves ${children.count} substream subscriptions of at most ${budget.slots} its uplink allows now.`);
  }
  if (budget.queueingMs > 60) said.push('Its uplink is congested, so it serves fewer children.');
  const rejected = view.counters.piecesRejected;
  if (rejected > 0)
    said.push(`${rejected} pieces did not verify or were of another stream or epoch, and were not used.`);
  return said;
};

const sourceSentence = (substreams: number, fromOrigin: number, orphans: number): string => {
  const fromNeighbours = substreams - fromOrigin - orphans;
  const parts = [`${fromNeighbours} of ${substreams} substreams come from neighbours`];
  if (fromOrigin > 0) parts.push(`${fromOrigin} from the origin (somebody must fetch each one first)`);
  if (orphans > 0) parts.push(`${orphans} from nobody right now`);
  return `${parts.join(', ')}.`;
};
