// Groups of things that reach each other: the cycles of a directed graph.

/** Every strongly connected group with more than one member, and every node with an edge to itself (Tarjan). */
export function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const groups: string[][] = [];

  const close = (node: string): void => {
    const group: string[] = [];
    for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
      onStack.delete(member);
      group.push(member);
      if (member === node) break;
    }
    if (group.length > 1 || edges.get(node)?.includes(node)) groups.push(group.sort());
  };

  const visit = (node: string): void => {
    order.set(node, order.size);
    lowest.set(node, order.get(node) as number);
    stack.push(node);
    onStack.add(node);
    for (const next of edges.get(node) ?? []) {
      if (!order.has(next)) {
        visit(next);
        lower(node, lowest.get(next) as number);
      } else if (onStack.has(next)) lower(node, order.get(next) as number);
    }
    if (lowest.get(node) === order.get(node)) close(node);
  };
  const lower = (node: string, value: number): void => {
    lowest.set(node, Math.min(lowest.get(node) as number, value));
  };

  for (const node of edges.keys()) if (!order.has(node)) visit(node);
  return groups;
}

/** Everything that can be reached from the given starts, the starts included. */
export function reachableFrom(starts: Iterable<string>, edges: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set(starts);
  for (const node of seen) for (const next of edges.get(node) ?? []) seen.add(next);
  return seen;
}
