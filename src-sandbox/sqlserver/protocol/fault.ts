/** What a test may do to a connection: a hook returns one of these. */
export type TdsFault =
  /** The connection is reset at once; with `afterBytes`, after so many bytes of the answer. */
  | { readonly kind: 'reset'; readonly afterBytes?: number }
  /** Nothing is sent for a while; with `afterBytes`, from there in the answer. Without `forMs` until the client goes. */
  | { readonly kind: 'stall'; readonly forMs?: number; readonly afterBytes?: number }
  /** The answer is this error; with `afterRows`, behind so many rows of the first result. Severity 20 and above ends the connection. */
  | {
      readonly kind: 'error';
      readonly number: number;
      readonly class: number;
      readonly state: number;
      readonly text: string;
      readonly afterRows?: number;
    }
  /** 1205: chosen as the victim of a deadlock, with the transaction rolled back. */
  | { readonly kind: 'deadlock'; readonly afterRows?: number }
  /** 596: the session was killed; the connection ends. */
  | { readonly kind: 'kill'; readonly afterRows?: number };

/**
 * What happens, before it is done. `tls` is the client's handshake, `connect` its TCP connection: only `reset` and `stall` make sense there.
 * `attention` is a cancel, which can be stalled.
 */
export interface TdsMessageInfo {
  readonly operation: 'connect' | 'tls' | 'login' | 'batch' | 'rpc' | 'transaction' | 'attention';
  /** Of a batch, or of the statement of sp_executesql, sp_prepare and sp_prepexec; else empty. */
  readonly sql: string;
  /** Of an RPC; else empty. */
  readonly procedure: string;
  readonly user: string;
  readonly database: string;
  readonly applicationName: string;
  /** Counts the connections of this server, from 1. */
  readonly connection: number;
  /** Counts what this server was asked, from 1. */
  readonly number: number;
}

export type TdsFaultHook = (info: TdsMessageInfo) => TdsFault | null | undefined | Promise<TdsFault | null | undefined>;
