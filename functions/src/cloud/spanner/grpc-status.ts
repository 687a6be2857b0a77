/** gRPC status codes that decide something here (google.rpc.Code). */
export const GRPC = {
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unavailable: 14,
} as const;

/** What failed may succeed when it is tried again: nothing is wrong with what was asked. */
const TRANSIENT: ReadonlySet<unknown> = new Set([
  GRPC.deadlineExceeded,
  GRPC.resourceExhausted,
  GRPC.aborted,
  GRPC.unavailable,
]);

export const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code;
export const isTransient = (error: unknown): boolean => TRANSIENT.has(codeOf(error));
