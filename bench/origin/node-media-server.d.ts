/** The part of Node-Media-Server that the bench uses; the package has no types of its own. */
declare module 'node-media-server' {
  export default class NodeMediaServer {
    constructor(config: object, configPath: string);
    run(): Promise<void>;
  }
}
