/** The client's bytes are not what MS-TDS allows, or ask for what this endpoint does not know: the connection ends. */
export class ProtocolError extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'ProtocolError';
  }
}
