/** Canonical text of a ledger line, without its newline. */
export const formatLedgerLine = (
  canonicalRecord: string,
  mac: string,
  receivedAt: string,
): string => `{"received_at":"${receivedAt}","record":${canonicalRecord},"record_mac":"${mac}"}`;
