/** How long a coordinator keeps what nobody works on any more: said by its command line, kept to by its sweeps. */

const DAY_MS = 86_400_000;

/** Of results, from the end of their job, where the operator says nothing: a month to come back from a holiday. */
export const KEEP_RESULTS_MS = 30 * DAY_MS;
/** Below that results would go while their author fetches them. */
export const MIN_KEEP_RESULTS_MS = 60_000;
/** Whoever wants more wants `forever`. */
export const MAX_KEEP_RESULTS_MS = 36_500 * DAY_MS;

/**
 * How long a blob stays that nothing names, from when it was last uploaded or asked for by a job that was planned. An upload
 * that goes on where it was cut off is kept as long (`UPLOAD_KEPT_MS`), so that the blobs of one job wait for each other.
 */
export const BLOB_GRACE_MS = DAY_MS;
