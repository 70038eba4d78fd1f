/** Thrown inside a run to stop between two steps; an outcome, not an error. */
export class PauseRequested extends Error {}
