/**
 * How long control messages are, without encoding them: a simulation says millions.
 */
import { encodeLinkMessage, type LinkMessage, type Status } from '../src/wire/link.ts';

const ID_BYTES = 8;

/** Bytes of a message of the control lane, as the encoder would make it. */
export const messageBytes = (message: LinkMessage): number => {
  switch (message.kind) {
    case 'hello':
      return 2 + message.token.length + message.proof.length;
    case 'subscribe':
      return 8;
    case 'accept':
      return 7 + message.ancestors.length * ID_BYTES;
    case 'ancestors':
      return 3 + message.ancestors.length * ID_BYTES;
    case 'refuse':
    case 'drop':
      return 3;
    case 'unsubscribe':
    case 'bye':
      return 2;
    case 'status':
      return statusBytes(message);
    case 'receipt':
      return 7 + message.signature.length;
    case 'want':
    case 'missing':
    case 'absent':
      return 2 + 4 * message.sequences.length;
  }
};

/** What a status takes besides its lists; read off the first one, so that it follows the protocol. */
let statusFixed: number | undefined;

const statusBytes = (status: Status): number => {
  const lists = status.have.length + status.lags.length + 2 * status.ranks.length;
  statusFixed ??= encodeLinkMessage(status).length - lists;
  return statusFixed + lists;
};
