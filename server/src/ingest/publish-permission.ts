// Who may publish: by a key of the configuration, by a key that was made from the secret, by the operator's hook, or anybody.

import type { Clock } from '../clock.ts';
import type { ServerConfig } from '../options.ts';
import type { Admit } from '../origin/admission.ts';
import type { MayPublish } from './publish-desk.ts';
import { isPublishKey, sameText } from './publish-keys.ts';

const ANY_STREAM = '*';

/** The permission of a configuration; `secret` is what its expiring keys are made from. */
export const makePublishPermission =
  (config: ServerConfig, secret: string, clock: Clock, admit: Admit): MayPublish =>
  async ({ path, credentials, ip }) => {
    if (config.publish === 'off') return false;
    if (config.publish === 'open') return true;
    const key = new URLSearchParams(credentials).get('key') ?? '';
    const fixed = [config.publishKeys[path], config.publishKeys[ANY_STREAM]];
    if (fixed.some((wanted) => wanted !== undefined && sameText(key, wanted))) return true;
    if (isPublishKey(secret, path, key, clock.wall())) return true;
    return (
      config.publish === 'hook' && config.hook !== undefined && admit({ path, credentials, ip, action: 'publish' })
    );
  };
