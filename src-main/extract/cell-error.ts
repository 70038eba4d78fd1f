/** A value that cannot travel exactly; the lane adds table and column and makes an AppError of it. `text` is the value for people, cut to 100 characters. */
export class CellError extends Error {
  readonly reason: string;
  readonly text: string;

  constructor(reason: string, text: string) {
    super(`${reason}: ${text}`);
    this.name = 'CellError';
    this.reason = reason;
    this.text = text.slice(0, 100);
  }
}
