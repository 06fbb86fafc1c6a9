/**
 * The records that a service keeps because it carries messages, and what of them answers an order: who handed in something for
 * which group, to whom it went, when, and how large it was. No text is in them.
 * @module
 */
import type { Order, View } from '../access.ts';

/** One message or change of keys, as the service that carried it knows it. */
export interface ServiceRecord {
  /** Place on the wire: stands for the time at which it was handed in. */
  readonly time: number;
  readonly epoch: number;
  readonly group: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly kind: 'application' | 'commit';
  readonly sizeBytes: number;
}

/** What the service writes down of a group's traffic. `accounts`: everybody to whom it delivers for this group. */
export function keepRecords(wire: View['wire'], group: string, accounts: readonly string[]): ServiceRecord[] {
  return wire.map(({ index, epoch, sender, kind, bytes }) => ({ time: index, epoch, group, sender, recipients: accounts.filter((a) => a !== sender), kind, sizeBytes: bytes.length }));
}

/** What answers an order: everything within its period that the target sent, or that was sent to the target. */
export function recordsFor(order: Order, records: readonly ServiceRecord[]): ServiceRecord[] {
  return records.filter((r) => r.epoch >= order.fromEpoch && r.epoch <= order.toEpoch && (r.sender === order.target || r.recipients.includes(order.target)));
}
