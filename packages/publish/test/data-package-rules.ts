/**
 * The rules of Data Package 2.0, Data Resource, Table Dialect and Table Schema (docs/references.md#formats) for the
 * members that a release uses, as a JSON Schema in our own words. Stricter than the standard: a member that is not named
 * here is refused, so that nothing is written which nobody looked up. `synthetic` is our own; the standard allows that.
 * @module
 */

const text = { type: 'string' } as const;
/** A relative path in POSIX form that stays below its folder, or an address. */
const path = { type: 'string', anyOf: [{ pattern: '^https?://' }, { pattern: '^(?![./~])(?!.*(^|/)\\.\\.(/|$))(?!.*://)[^\\\\]+$' }] } as const;
const licences = {
  type: 'array', minItems: 1,
  items: {
    type: 'object', additionalProperties: false, anyOf: [{ required: ['name'] }, { required: ['path'] }],
    properties: { name: { type: 'string', pattern: '^[-A-Za-z0-9._]+$' }, path, title: text },
  },
} as const;
const sources = {
  type: 'array',
  items: { type: 'object', minProperties: 1, additionalProperties: false, properties: { title: text, path, email: text, version: text } },
} as const;

const fields = {
  type: 'array', minItems: 1,
  items: {
    type: 'object', required: ['name', 'type'], additionalProperties: false,
    properties: {
      name: { type: 'string', minLength: 1 }, title: text, description: text, type: { enum: ['string', 'number', 'boolean'] },
      constraints: {
        type: 'object', additionalProperties: false,
        properties: { required: { type: 'boolean' }, enum: { type: 'array', minItems: 1, uniqueItems: true } },
      },
    },
    // The values of an enumeration are of the field's type; a boolean has none here.
    allOf: [
      { if: { properties: { type: { const: 'string' } } }, then: { properties: { constraints: { properties: { enum: { items: { type: 'string' } } } } } } },
      { if: { properties: { type: { const: 'boolean' } } }, then: { properties: { constraints: { properties: { enum: false } } } } },
    ],
  },
} as const;

const resource = {
  type: 'object', required: ['name', 'path'], additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: '^[a-z0-9._-]+$' }, path, type: { const: 'table' }, title: text, description: text, synthetic: { type: 'boolean' },
    format: text, mediatype: { type: 'string', pattern: '^.+/.+$' }, encoding: { const: 'utf-8' }, bytes: { type: 'integer', minimum: 0 },
    hash: { type: 'string', pattern: '^[^:]+:[0-9a-f]+$' }, sources, licenses: licences,
    dialect: {
      type: 'object', additionalProperties: false,
      properties: {
        header: { type: 'boolean' }, delimiter: { type: 'string', minLength: 1, maxLength: 1 }, lineTerminator: text, quoteChar: { type: 'string', maxLength: 1 },
        doubleQuote: { type: 'boolean' },
      },
    },
    schema: {
      type: 'object', required: ['fields'], additionalProperties: false,
      properties: {
        $schema: { const: 'https://datapackage.org/profiles/2.0/tableschema.json' }, fields,
        missingValues: { type: 'array', items: text, uniqueItems: true },
        primaryKey: { type: 'array', minItems: 1, uniqueItems: true, items: text },
      },
    },
  },
} as const;

export const DATA_PACKAGE_RULES = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object', required: ['resources', '$schema', 'name', 'licenses'], additionalProperties: false,
  properties: {
    $schema: { const: 'https://datapackage.org/profiles/2.0/datapackage.json' },
    name: { type: 'string', pattern: '^[a-z0-9._-]+$' }, id: text, title: text, description: text, version: text, synthetic: { type: 'boolean' },
    licenses: licences, sources,
    contributors: {
      type: 'array', minItems: 1,
      items: {
        type: 'object', minProperties: 1, additionalProperties: false,
        properties: { title: text, path, email: text, organization: text, roles: { type: 'array', minItems: 1, items: text } },
      },
    },
    resources: { type: 'array', minItems: 1, items: resource },
  },
} as const;
