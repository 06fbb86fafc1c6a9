/**
 * The cryptography of the page by itself, for tests in a browser: the same module, made reachable. It is part of no build that is published.
 * @module
 */
import { verifyEd25519, verifyP384 } from '../../../packages/log/src/crypto-browser.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

Object.assign(globalThis, {
  ed25519: (key: string, message: string, signature: string) => verifyEd25519(hex(key), new TextEncoder().encode(message), hex(signature)),
  p384: (spki: string, message: string, signature: string) => verifyP384(hex(spki), hex(message), hex(signature)),
});
