/** A request whose body is here whole. */
export interface ClientRequest {
  readonly method: string;
  /** Path and query, byte for byte. */
  readonly path: string;
  /** Flat `[name, value, …]`, with `Host` and without what belongs to the connection. */
  readonly fields: string[];
  readonly body: Buffer | null;
}

/** Field values by lower-case name; a list where a name came more than once. */
export type AnswerFields = Readonly<Record<string, string | string[] | undefined>>;

/** Whoever has asked: gets the parts of one answer in their order, or an error at any time; nothing after `onEnd` or `onError`. */
export interface AnswerTaker {
  /** Informational answers are not told. */
  onHead(status: number, reason: string, fields: AnswerFields): void;
  /** The piece is the taker's to keep. */
  onBody(piece: Buffer): void;
  onEnd(): void;
  /** @param wasLost the connection ended as a kept-alive one does that the server has just given up */
  onError(error: Error, wasLost: boolean): void;
}

/** A question under way. After its end all three do nothing. */
export interface Asking {
  pause(): void;
  resume(): void;
  /** Its taker hears nothing more. */
  abort(): void;
}

/** Sends requests to one server. */
export interface HttpClient {
  /** Never throws. What is wrong with a request is told later, as an error. */
  ask(request: ClientRequest, taker: AnswerTaker): Asking;
}

/** The kept-alive connections to an application's own server, for what Preface itself wants to know of it. */
export interface OriginClient extends HttpClient {
  /** No connection is open. */
  readonly isUnused: boolean;
  /** Ends all connections at once. */
  close(): void;
}
