/** Version of the policy in force, which every record of a call names; undefined while there is none. */
let version: number | undefined;

export const policyVersion = (): number | undefined => version;

export function setPolicyVersion(next: number | undefined): void {
  version = next;
}
