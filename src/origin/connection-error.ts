/** A request that could not be sent, or whose connection was lost or too slow; `code` tells which. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly code:
    | 'PREFACE_ORIGIN_CLOSED'
    | 'PREFACE_ORIGIN_TIMEOUT'
    | 'PREFACE_QUEUE_TIMEOUT'
    | 'PREFACE_REQUEST_INVALID';

  constructor(code: ConnectionError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
