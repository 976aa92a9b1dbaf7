/**
 * Calling functions of the page: what they throw is reported, and never becomes our own failure.
 */

/** Calls a function of the page, if there is one. */
export type CallPage = <Given extends readonly unknown[]>(
  callback: ((...given: Given) => unknown) | undefined,
  ...given: Given
) => unknown;

/** Makes one. A promise that the page returns comes back, to be waited for; its failure is reported as well. */
export const callPageWith =
  (report: (error: unknown) => void): CallPage =>
  (callback, ...given) => {
    try {
      const answer = callback?.(...given);
      return answer instanceof Promise ? answer.catch(report) : answer;
    } catch (error) {
      report(error);
      return undefined;
    }
  };
