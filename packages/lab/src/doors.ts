/**
 * The lab talks to nobody: before anything runs, every way to the network and to other programs is shut for the process.
 * It is a guard against mistakes of ours, tested from within; what a run may write is bounded by Node's permissions too.
 * @module
 */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

let shut = false;

/** Shuts network and name service for this thread, for good. Doing it twice is doing it once. */
export function shutDoors(): void {
  if (shut) return;
  shut = true;
  const closed = (): never => {
    throw new Error('LAB_NO_NETWORK: the lab runs in one process and talks to nobody');
  };
  net.Socket.prototype.connect = closed;
  net.Server.prototype.listen = closed;
  shutAll(dgram.Socket.prototype, /^(bind|connect|send|add(SourceSpecific)?Membership)$/, closed);
  for (const names of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) shutAll(names, /^(lookup|resolve|reverse)/, closed);
  process.kill = closed;
  globalThis.fetch = closed;
  Reflect.deleteProperty(globalThis, 'WebSocket');
  Reflect.deleteProperty(globalThis, 'EventSource');
  // What was imported by name is shut too.
  syncBuiltinESMExports();
}

/** Puts `closed` in the place of an object's own functions of these names, inherited ones included. */
function shutAll(owner: object, names: RegExp, closed: () => never): void {
  for (let level: object | null = owner; level !== null && level !== Object.prototype; level = Object.getPrototypeOf(level) as object | null) {
    for (const name of Object.getOwnPropertyNames(level)) if (names.test(name)) Reflect.set(owner, name, closed);
  }
}
