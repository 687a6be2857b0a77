import type { BuiltInEntity } from '../entity.ts';
import type { View } from '../view.ts';
import type { Cluster } from './cluster.ts';

/** What was found in a cluster, and its last group. */
export type Hit = {
  readonly entity: BuiltInEntity;
  readonly start: number;
  readonly end: number;
  readonly last: number;
};

/** @returns what starts at this group, or undefined. */
export type Detector = (view: View, cluster: Cluster, group: number) => Hit | undefined;

export const startOf = (cluster: Cluster, group: number): number => cluster.starts[group] ?? 0;
export const endOf = (cluster: Cluster, group: number): number => cluster.ends[group] ?? 0;
export const sizeOf = (cluster: Cluster, group: number): number =>
  endOf(cluster, group) - startOf(cluster, group);

export function hitOf(entity: BuiltInEntity, cluster: Cluster, group: number, last: number): Hit {
  return { entity, start: startOf(cluster, group), end: endOf(cluster, last), last };
}
