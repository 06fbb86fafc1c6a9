import { canonicalJson, prettyJson } from '@weighbridge/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';

// RFC 8785 §3.2.2 and §3.2.3: the standard's own samples.
test('RFC 8785 §3.2.3: members are sorted by UTF-16 code units', () => {
  const value = { '\u20ac': 'Euro Sign', '\r': 'Carriage Return', '\ufb33': 'Hebrew Letter Dalet With Dagesh', '1': 'One', '\ud83d\ude00': 'Emoji: Grinning Face', '\u0080': 'Control', '\u00f6': 'Latin Small Letter O With Diaeresis' };
  expect(Object.keys(JSON.parse(canonicalJson(value)) as object)).toEqual(['1', '\r', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33']);
});

test('RFC 8785 §3.2.2: numbers and literals in their ECMAScript spelling', () => {
  expect(canonicalJson({ numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001], literals: [null, true, false] }))
    .toBe('{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}');
});

test('what is not JSON is refused, not guessed', () => {
  for (const bad of [NaN, Infinity, '\ud800', undefined, () => 1, 1n]) expect(() => canonicalJson(bad)).toThrow(TypeError);
});

test('parse ∘ canonical = identity, and canonical is a fixed point', () => {
  fc.assert(fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
    const once = canonicalJson(value);
    expect(canonicalJson(JSON.parse(once))).toBe(once);
    expect(JSON.parse(prettyJson(value))).toEqual(JSON.parse(once));
  }), { seed: 20231106 });
});
