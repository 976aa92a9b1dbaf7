// The device agent as a library, for cameras whose software is written in JavaScript.

export type { CommandAnswer, CommandHook } from './commands.ts';
export { type AgentParts, DeviceAgent } from './device-agent.ts';
export { DeviceIdentity } from './device-identity.ts';
export { readLiveSources } from './live-sources.ts';
export { Recordings } from './recordings.ts';
export { type VoiceSink, voiceToFile, voiceToProgram } from './voice-sink.ts';
export { openStack, WEBRTC_STACKS, type WebrtcStack, type WebrtcStackName } from './webrtc-stack.ts';
