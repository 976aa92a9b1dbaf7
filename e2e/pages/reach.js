// Says on the console what of a surface was reached in this page; see e2e/fixtures/reach.ts.

let noted = 0;

/**
 * @param {string} surface
 * @param {'method' | 'code' | 'event'} kind
 * @param {string | number} name
 */
function reach(surface, kind, name) {
  noted += 1;
  console.info(`reach ${surface} ${kind} ${name}`);
}

/**
 * The same object; each of its functions is noted when a call of it did its work: a promise it returned was resolved, or it
 * returned something, or, when it returns nothing, something was noted from a callback meanwhile.
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
        const before = noted;
        const answer = value.apply(target, given);
        /** @param {unknown} settled */
        const note = (settled) => {
          if (!isRefusal(settled)) reach(surface, 'method', name);
        };
        if (answer instanceof Promise) answer.then(note, () => undefined);
        else if (answer !== undefined) note(answer);
        else if (noted > before) reach(surface, 'method', name);
        return answer;
      };
    },
  });
}

Object.assign(globalThis, { reach, watchCalls });
