import { SqlError } from './errors.ts';

/** What RAISERROR and THROW raise: neither rolls back by itself; THROW ends the batch. */
export class RaisedError extends SqlError {
  readonly endsBatch: boolean;

  constructor(
    number: number,
    message: string,
    options: { severity: number; state: number; endsBatch: boolean; line?: number },
  ) {
    super(number, message, options);
    this.endsBatch = options.endsBatch;
  }
}
