import type { SurfaceTable } from './table.ts';

/** The native-style surface: the calls of the Windows SDK, its events and its errors; the app SDKs' calls and addresses. */
export const nativeTable: SurfaceTable = {
  surface: 'native',
  tests: ['native', 'virtual-proxy'],
  methods: [
    'EnableFileLog',
    'EnableDebug',
    'DisableDebug',
    'LoadAndInit',
    'SetPackage',
    'SetVersion',
    'SetAppId',
    'SetAppKey',
    'SetSecretKey',
    'CreateInstance',
    'PlayURL',
    'Unplay',
    'Unload',
    'XNet.create',
    'XNet.proxyOf',
    'XNet.resume',
    'XNet.enableDebug',
    '/stat',
    '/feature',
  ],
  codes: [10001000, 10001001, 10001002, 10001012, 10011000, 10011001, 10011002, 10011003, 10011004],
  events: ['10010000', '10010001', '10010002', '10010003', '10010004', '10010005', '10010006'],
  pending: [],
};
