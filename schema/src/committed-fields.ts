/** Values that can identify a person; a record holds only their commitment, as `<name>_commit`. */
export const COMMITTED_FIELDS = [
  'agent_name',
  'exec_path',
  'file_path',
  'interpreter_path',
] as const;

export type CommittedField = (typeof COMMITTED_FIELDS)[number];
