/**
 * The lab talks to nobody: before anything runs, every way to the network and to other programs is shut for the process.
 * It is a guard against mistakes of ours, tested from within; what a run may write is bounded by Node's permissions too.
 * @module
 */
import dgram from 'node:dgram';
import dns from 'node:dns';
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
  dgram.Socket.prototype.bind = closed;
  dgram.Socket.prototype.send = closed;
  dns.lookup = closed as unknown as typeof dns.lookup;
  globalThis.fetch = closed;
  Reflect.deleteProperty(globalThis, 'WebSocket');
  Reflect.deleteProperty(globalThis, 'EventSource');
}
