/** A version that was published, as `vantio policy history` lists it. */
export type PolicyEntry = {
  readonly version: number;
  readonly mode: string;
  readonly published_at: string;
  readonly policy_sha256: string;
  readonly signer_id?: string;
};

/** Where policies are published: the state directory of a control plane, or a cloud database. */
export type PolicyStore = {
  /** Of a tenant, oldest first. */
  list(tenantId: string): Promise<readonly PolicyEntry[]>;
  /** The envelope of a version; undefined: it was not published. */
  read(tenantId: string, version: number): Promise<string | undefined>;
  /** Throws for a version that is not above the last. */
  publish(envelope: string): Promise<void>;
  close(): Promise<void>;
};
