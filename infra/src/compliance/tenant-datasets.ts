import * as gcp from '@pulumi/gcp';
import { type Context, LABELS, under } from '../context.ts';
import type { DataKey } from '../encryption/key.ts';
import { InfraError } from '../infra-error.ts';

export type TenantDatasets = {
  readonly tenant: string;
  /** What was asked of the ledger for this tenant. Nobody reads it but through the views. */
  readonly answers: gcp.bigquery.Dataset;
  /** The views, for the tenant's readers. */
  readonly views: gcp.bigquery.Dataset;
};

export function makeTenantDatasets(
  context: Context,
  tenants: readonly string[],
  key: DataKey,
): readonly TenantDatasets[] {
  const taken = new Set<string>();
  return tenants.map((tenant) => {
    // BigQuery knows no hyphen; two tenants must not meet in one dataset.
    const word = tenant.replaceAll('-', '_');
    if (taken.has(word))
      throw new InfraError(
        'bad_setting',
        `vantio:tenantReaders: another tenant is also ${word} in BigQuery`,
      );
    taken.add(word);
    const dataset = (name: string, datasetId: string, description: string) =>
      new gcp.bigquery.Dataset(
        name,
        {
          datasetId,
          description,
          location: context.settings.region,
          project: context.settings.projectId,
          labels: LABELS,
          // Made again from the ledger at the next asking.
          deleteContentsOnDestroy: true,
          ...(key === undefined ? {} : { defaultEncryptionConfiguration: { kmsKeyName: key } }),
        },
        under(context),
      );
    return {
      tenant,
      answers: dataset(`answers-${word}`, `vantio_answers_${word}`, `answers for ${tenant}`),
      views: dataset(`views-${word}`, `vantio_${word}`, `compliance views of ${tenant}`),
    };
  });
}
