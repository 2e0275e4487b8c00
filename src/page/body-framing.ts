/** The fields that frame a request's body. */
interface Framing {
  readonly 'content-length'?: string | undefined;
  readonly 'transfer-encoding'?: string | undefined;
}

/** Whether a request has a body (RFC 9112 §6.3): one of no length is none. */
export function hasBody({ 'content-length': length = '0', 'transfer-encoding': coding }: Framing): boolean {
  return coding !== undefined || length !== '0';
}
