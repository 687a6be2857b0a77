import * as assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { CONFIG, FULL } from '../testing/config.ts';
import { type Program, runProgram } from '../testing/run-program.ts';
import { ALERTS } from './alert.ts';

const RUNBOOKS = new URL('../../runbooks/', import.meta.url);

describe('the watch', () => {
  let dev: Program;
  let full: Program;
  before(async () => {
    dev = await runProgram(CONFIG);
    full = await runProgram(FULL);
  });
  const alert = (program: Program, name: string) =>
    program.one('monitoring/alertPolicy:AlertPolicy', `alert-${name}`).inputs;

  it('tells a person of each alert, and which page to read', () => {
    for (const { name } of ALERTS) {
      assert.deepEqual(alert(dev, name).notificationChannels, ['NotificationChannel/operators']);
      assert.equal(alert(dev, name).documentation.content, `Runbook: infra/runbooks/${name}.md`);
      assert.deepEqual(alert(full, name).documentation.links, [
        {
          displayName: 'Runbook',
          url: `https://docs.example.com/vantio/infra/runbooks/${name}.md`,
        },
      ]);
    }
  });

  it('has a page for each alert, and none without one but for what no alert can say', () => {
    const pages = readdirSync(RUNBOOKS).sort();
    assert.deepEqual(
      pages,
      [...ALERTS.map(({ name }) => `${name}.md`), 'disaster.md', 'log-key.md'].sort(),
    );
    for (const page of pages) {
      const text = readFileSync(new URL(page, RUNBOOKS), 'utf8');
      for (const heading of ['## What it means', '## Look', '## Do'])
        assert.ok(text.includes(`${heading}\n`), `${page} lacks ${heading}`);
    }
  });

  it('watches things by the names that the program gives them', () => {
    const names = new Set(dev.made.flatMap(({ inputs }) => inputs.name ?? []));
    const named = /(?:subscription_id|service_name|instance_id|job_id)="([^"]+)"/g;
    const watched = ALERTS.flatMap(({ when }) => [...when.filter.matchAll(named)]);
    assert.ok(watched.length >= 6);
    for (const [, name] of watched) assert.ok(names.has(name), name);
  });

  it('waits for what the functions say in the words that they use', () => {
    const words = ALERTS.flatMap(({ when }) => [
      ...when.filter.matchAll(/jsonPayload\.message="(\w+)"/g),
    ]).map(([, word]) => word);
    assert.deepEqual(words, ['redis_away']);
    const door = new URL('../../../functions/src/cloud/create-door.ts', import.meta.url);
    for (const word of words) assert.ok(readFileSync(door, 'utf8').includes(`'${word}'`), word);
  });

  it('charts every threshold', () => {
    const { dashboardJson } = dev.one('monitoring/dashboard:Dashboard', 'dashboard').inputs;
    const { widgets } = JSON.parse(dashboardJson).gridLayout;
    assert.equal(widgets.length, ALERTS.filter(({ when }) => when.kind === 'threshold').length);
  });

  it('keeps audit logs, locked in prod, and writes down who read the ledger', () => {
    const bucket = (program: Program) =>
      program.one('logging/projectBucketConfig:ProjectBucketConfig', 'logs-audit').inputs;
    assert.deepEqual([bucket(dev).locked, bucket(full).locked], [false, true]);
    assert.ok(bucket(full).retentionDays >= 400);
    const functions = dev.one('logging/projectSink:ProjectSink', 'sink-functions').inputs;
    for (const { inputs } of dev.all('cloudfunctionsv2/function:Function'))
      assert.ok(functions.filter.includes(`"${inputs.name}"`), inputs.name);
    const sink = dev.one('logging/projectSink:ProjectSink', 'sink-audit').inputs;
    assert.match(sink.filter, /data_access/);
    const { auditLogConfigs } = dev.one(
      'projects/iAMAuditConfig:IAMAuditConfig',
      'audit-spanner',
    ).inputs;
    const reads = auditLogConfigs.find(
      ({ logType }: { logType: string }) => logType === 'DATA_READ',
    );
    assert.equal(reads.exemptedMembers.length, 1);
    assert.match(reads.exemptedMembers[0], /^serviceAccount:vantio-sealer@/);
  });

  it('watches the bill where there is a billing account', () => {
    assert.deepEqual(dev.all('billing/budget:Budget'), []);
    const { amount, budgetFilter } = full.one('billing/budget:Budget', 'budget').inputs;
    assert.deepEqual(budgetFilter.projects, ['projects/123']);
    const units = Number(amount.specifiedAmount.units);
    assert.ok(units > full.plane.monthlyCostUsd && units < full.plane.monthlyCostUsd * 2);
  });
});
