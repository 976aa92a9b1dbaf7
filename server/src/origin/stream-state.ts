// Where the life of a stream stands, in a file of its own because the library's types name it.

/** Where a stream's life stands. */
export type StreamState = 'connecting' | 'live' | 'waiting' | 'closed';
