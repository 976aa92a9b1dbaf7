/**
 * Circles in "who feeds whom": every node has at most one parent, so each circle is found by walking up. A node remembers
 * on which walk it was met last, so that looking at ten thousand viewers allocates nothing.
 */

/** A node carries the number of the last walk that met it; 0 at first. */
export interface Walked {
  walk: number;
}

/** One step of a circle. */
export interface CycleEdge<N> {
  readonly child: N;
  readonly parent: N;
}

/** Numbers walks, over all searches. */
let walks = 0;

/** All steps that belong to a circle. */
export const findCycles = <N extends Walked>(
  nodes: Iterable<N>,
  parentOf: (node: N) => N | undefined,
): CycleEdge<N>[] => {
  const edges: CycleEdge<N>[] = [];
  const first = walks + 1;
  for (const start of nodes) {
    if (start.walk >= first) continue;
    const walk = ++walks;
    let node: N | undefined = start;
    while (node !== undefined && node.walk < first) {
      node.walk = walk;
      node = parentOf(node);
    }
    if (node?.walk === walk) addCircle(edges, node, parentOf);
  }
  return edges;
};

const addCircle = <N>(edges: CycleEdge<N>[], start: N, parentOf: (node: N) => N | undefined): void => {
  let child = start;
  for (;;) {
    const parent = parentOf(child);
    if (parent === undefined) return;
    edges.push({ child, parent });
    if (parent === start) return;
    child = parent;
  }
};
