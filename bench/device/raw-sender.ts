/**
 * A process of its own that sends bytes over a bare data channel as fast as it takes them: what a download is held
 * against. Signals come and go over the channel to its parent.
 */
import { DeviceCall } from '../../src/carrier/device-call.ts';
import type { RequestChannel } from '../../src/carrier/exchange.ts';
import { createNodeCallPeer } from '../../src/carrier/node/datachannel-peer.ts';
import { REQUEST_BODY_MAX } from '../../src/wire/limits.ts';

/** More than the library's own buffer holds makes no channel faster. */
const QUEUED_MAX = 1024 * 1024;
const QUEUED_LOW = 256 * 1024;

let call: DeviceCall | undefined;

const send = (channel: RequestChannel, bytes: number): void => {
  const message = new Uint8Array(REQUEST_BODY_MAX);
  let left = bytes;
  const pump = (): void => {
    while (left > 0 && channel.bufferedAmount < QUEUED_MAX) {
      channel.send(message.subarray(0, Math.min(left, message.length)));
      left -= message.length;
    }
  };
  channel.bufferedAmountLowThreshold = QUEUED_LOW;
  channel.addEventListener('bufferedamountlow', pump);
  pump();
};

const dial = (): DeviceCall =>
  new DeviceCall(
    createNodeCallPeer,
    { initiator: false, iceServers: [] },
    {
      signal: (data) => void process.send?.(data),
      opened: () => undefined,
      proved: () => undefined,
      request: (channel) => {
        channel.binaryType = 'arraybuffer';
        channel.addEventListener('message', ({ data }) =>
          send(channel, Number(new TextDecoder().decode(data as ArrayBuffer))),
        );
      },
      wavering: () => undefined,
      closed: () => {
        call = undefined;
      },
    },
  );

process.on('message', (data) => {
  call ??= dial();
  call.signal(String(data));
});
process.on('disconnect', () => process.exit(0));
process.send?.('');
