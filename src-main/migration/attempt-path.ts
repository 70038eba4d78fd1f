export interface AttemptPlace {
  runId: string;
  tableId: string;
  partitionId: string;
  attemptId: string;
}

/** Every attempt has a directory of its own, never used again: files of an earlier one can be neither loaded nor overwritten by mistake. */
export function attemptPath({ runId, tableId, partitionId, attemptId }: AttemptPlace): string {
  return `${runId}/${tableId}/${partitionId}/${attemptId}/`;
}

export function attemptUri(s3Uri: string, place: AttemptPlace): string {
  return `${s3Uri}${attemptPath(place)}`;
}
