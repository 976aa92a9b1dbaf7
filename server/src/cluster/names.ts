// What things are called in the shared store. The number changes when processes of two versions could no longer
// understand each other; they then go on side by side, as two clusters, until the older ones are gone. A process ignores
// fields and kinds it does not know, so that most changes do not need that.

const PREFIX = 'shoal:1';

/** Key of the seed that all processes sign with. */
export const SEED_KEY = `${PREFIX}:seed`;
/** Key with the public key that all processes sign with, kept by those that run. */
export const ORIGIN_KEY = `${PREFIX}:origin-key`;
/** Channel on which processes say that they are there. */
export const NODES_CHANNEL = `${PREFIX}:nodes`;
/** Channel on which processes say which streams they cut, and the hash with the same for newcomers. */
export const CUTTING = `${PREFIX}:cutting`;

/** Key that names the process that cuts a stream. */
export const leaseKey = (path: string): string => `${PREFIX}:lease:${path}`;
/** Key of the start time of a stream's newest epoch. */
export const epochKey = (path: string): string => `${PREFIX}:epoch:${path}`;
/** Hash of the viewers of a stream, and the channel on which they come and go. */
export const roomName = (path: string): string => `${PREFIX}:room:${path}`;
/** Channel on which one process hears what is for its viewers. */
export const mailChannel = (node: string): string => `${PREFIX}:mail:${node}`;
/** Channel on which one process hears what is for its devices and pages. */
export const deviceChannel = (node: string): string => `${PREFIX}:device-mail:${node}`;
/** Key that names the process a device is at. */
export const deviceKey = (device: string): string => `${PREFIX}:device:${device}`;
/** Key that names the process that holds a room of publishers. */
export const publishRoomKey = (bizid: number, room: string): string => `${PREFIX}:publish-room:${bizid} ${room}`;
/** Key of a code of the key service. */
export const codeKey = (code: string): string => `${PREFIX}:code:${code}`;
/** What the keys of accounts begin with. */
export const accountKeysFrom = (): string => `${PREFIX}:account:`;
/** Hash with what an app's viewers of a stream were sent in one hour. */
export const accountKey = (hour: number, app: string, stream: string): string =>
  `${accountKeysFrom()}${hour} ${app} ${stream}`;
/** Channel on which processes say what they send to viewers whose tracker is another one. */
export const accountsChannel = (): string => `${PREFIX}:accounts`;
