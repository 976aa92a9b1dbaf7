/**
 * Circles in "who feeds whom": every node has at most one parent, so each circle is found by walking up.
 */

/** One step of a circle. */
export interface CycleEdge<N> {
  readonly child: N;
  readonly parent: N;
}

/** All steps that belong to a circle. */
export const findCycles = <N>(nodes: Iterable<N>, parentOf: (node: N) => N | undefined): CycleEdge<N>[] => {
  const edges: CycleEdge<N>[] = [];
  const done = new Set<N>();
  for (const start of nodes) {
    const path: N[] = [];
    const onPath = new Set<N>();
    let node: N | undefined = start;
    while (node !== undefined && !done.has(node) && !onPath.has(node)) {
      path.push(node);
      onPath.add(node);
      node = parentOf(node);
    }
    if (node !== undefined && onPath.has(node)) {
      const circle = path.slice(path.indexOf(node));
      circle.forEach((child, at) => {
        const parent = circle[(at + 1) % circle.length];
        if (parent !== undefined) edges.push({ child, parent });
      });
    }
    for (const seen of path) done.add(seen);
  }
  return edges;
};
