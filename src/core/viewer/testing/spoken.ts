/**
 * What an engine says, as one line of text each.
 */
import { toHex } from '../../../wire/bytes.ts';
import type { LinkMessage } from '../../../wire/link.ts';
import { FROM_KEYFRAME, FROM_LIVE } from '../../../wire/origin.ts';
import type { ViewerOutput } from '../io.ts';

/** One output. */
export const describeOutput = (output: ViewerOutput): string => {
  switch (output.kind) {
    case 'open-origin':
      return `open-origin ${listOf(output.mask)} from=${output.from}`;
    case 'ask-origin': {
      const { request } = output;
      if (request.kind === 'mask') return `ask-origin mask ${listOf(request.mask)} from=${fromOf(request.from)}`;
      if (request.kind === 'want') return `ask-origin want ${request.sequences.join()}`;
      return `ask-origin ${request.kind}`;
    }
    case 'tell-tracker': {
      const { request } = output;
      if (request.kind === 'signal')
        return `tell-tracker signal ${letterOf(request.to)} ${request.data === '' ? 'no' : request.data}`;
      return `tell-tracker ${request.kind}${request.kind === 'more' ? ` ${request.count}` : ''}`;
    }
    case 'dial':
      return `dial ${output.link} ${letterOf(output.viewer)}${output.initiator ? '' : ' answering'}`;
    case 'hang-up':
      return `hang-up ${output.link} ${output.reason}`;
    case 'tell':
      return `${output.link}: ${describeMessage(output.message)}`;
    case 'tell-head':
      return `${output.link}: head`;
    case 'push':
      return `push ${output.sequence} to ${output.links.join()}`;
    case 'signal':
      return `signal ${output.link} ${output.data}`;
    case 'play':
      return `play ${output.sequence}`;
    case 'evict':
      return `evict ${output.below}`;
    case 'rate':
      return `rate ${output.rate}`;
    case 'seek':
      return `seek ${Math.round(output.dtsMs)}`;
    case 'fault':
      return `fault ${output.code}`;
    case 'state':
      return `state ${output.state}`;
    default:
      return output.kind;
  }
};

const describeMessage = (message: LinkMessage): string => {
  switch (message.kind) {
    case 'subscribe':
      return `subscribe ${message.substream} from=${message.from}`;
    case 'accept':
    case 'ancestors':
      return [message.kind, message.substream, ...message.ancestors.map((id) => letterOf(toHex(id)))].join(' ');
    case 'refuse':
    case 'drop':
      return `${message.kind} ${message.substream} ${message.reason}`;
    case 'unsubscribe':
      return `unsubscribe ${message.substream}`;
    case 'want':
    case 'missing':
    case 'absent':
      return `${message.kind} ${message.sequences.join()}`;
    case 'status':
      return `status open=${listOf(message.open)}`;
    case 'bye':
      return `bye ${message.reason}`;
    case 'hello':
    case 'receipt':
      return message.kind;
  }
};

const letterOf = (name: string): string => String.fromCharCode(Number.parseInt(name.slice(-2), 16));

const listOf = (mask: number): string => {
  if (mask === 0xffff_ffff) return 'all';
  const list = Array.from({ length: 32 }, (_, at) => at).filter((at) => (mask & (1 << at)) !== 0);
  return list.length === 0 ? 'none' : list.join();
};

const fromOf = (from: number): string =>
  from === FROM_LIVE ? 'live' : from === FROM_KEYFRAME ? 'keyframe' : String(from);
