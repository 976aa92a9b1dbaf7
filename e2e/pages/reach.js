// Says on the console what of a surface was reached in this page; see e2e/fixtures/reach.ts.

/**
 * @param {string} surface
 * @param {'method' | 'code' | 'event'} kind
 * @param {string | number} name
 */
function reach(surface, kind, name) {
  console.info(`reach ${surface} ${kind} ${name}`);
}

/**
 * The same object; each of its functions is noted when a call of it did its work: it returned something other than a
 * refusal, and a promise it returned was resolved.
 * @template {object} T
 * @param {string} surface
 * @param {T} object
 * @param {(answer: unknown) => boolean} [isRefusal] tells an answer that stands for failure
 * @returns {T}
 */
function watchCalls(surface, object, isRefusal = () => false) {
  return new Proxy(object, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      return (/** @type {unknown[]} */ ...given) => {
        const answer = value.apply(target, given);
        /** @param {unknown} settled */
        const note = (settled) => {
          if (!isRefusal(settled)) reach(surface, 'method', name);
        };
        if (answer instanceof Promise) answer.then(note, () => undefined);
        else note(answer);
        return answer;
      };
    },
  });
}

Object.assign(globalThis, { reach, watchCalls });
