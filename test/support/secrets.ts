/** In every secret of a test, at every place where a parser might cut it: letters that nothing else contains. */
export const SECRET = 'Zq7x'

/** The same in the writings that something on the way might give it. */
const writings = (): string[] => {
  const bytes = Buffer.from(SECRET)
  // of three bytes' alignment in base64, the letters that do not depend on what stands around
  const inBase64 = [0, 1, 2].map(before =>
    Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(3)])
      .toString('base64')
      .slice(
        Math.ceil((before * 4) / 3) + (before > 0 ? 1 : 0),
        Math.floor(((before + bytes.length) * 4) / 3),
      ),
  )
  const reversed = SECRET.split('').toReversed().join('')
  return [SECRET, SECRET.toLowerCase(), SECRET.toUpperCase(), reversed, bytes.toString('hex'), ...inBase64]
}

const WRITINGS = writings()

/** Where a text gives a secret away, each with what stands around; empty where it does not. */
export const leaksIn = (text: string): string[] =>
  WRITINGS.flatMap(writing => {
    const at = text.indexOf(writing)
    return at === -1 ? [] : [text.slice(Math.max(at - 80, 0), at + 40)]
  })

/** Passwords that are awkward in a URL: unescaped delimiters, broken escapes, spaces, quotes. */
const passwords = ['', '@', '/', '?', '#', ':', '%', '%00', ' ', '"', '\\', '🔑'].map(
  awkward => `${SECRET}${awkward}${SECRET}`,
)

/** URLs of a database that hold a secret, most of them malformed. None of them leads anywhere but to 127.0.0.1. */
export const databaseUrls: readonly string[] = [
  ...passwords.flatMap(password => [
    `postgres://user:${password}@127.0.0.1:1/shop`,
    `postgres://user@127.0.0.1:1/shop?password=${password}`,
    `user:${password}@127.0.0.1/shop`,
    password,
  ]),
  `postgres://:${SECRET}@127.0.0.1:1/shop`,
  `mysql://user:${SECRET}@127.0.0.1/shop`,
  `postgres://user:1/${SECRET}@127.0.0.1:1/shop`,
  `postgres://user:${SECRET}@127.0.0.1:${SECRET}/shop`,
  `postgres://user:${SECRET}@127.0.0.1:99999/shop`,
  `postgres://user:${SECRET}@[::1/shop`,
  `postgres://user:${SECRET}@/shop?host=/nowhere`,
  `postgres://:${SECRET}@127.0.0.1:1/`,
  `postgres:user:${SECRET}@127.0.0.1:1/shop`,
  `postgres:/user:${SECRET}@127.0.0.1:1/shop`,
  `postgresql+psycopg2://user:${SECRET}@127.0.0.1:1/shop`,
  `POSTGRES://user:${SECRET}@127.0.0.1:1/shop`,
  ...['sslcert', 'sslkey', 'sslrootcert', 'sslmode', 'options', 'passfile', 'statement_timeout', 'port'].map(
    name => `postgres://user:${SECRET}@127.0.0.1:1/shop?${name}=${SECRET}`,
  ),
]

/** Lines of an environment file that hold a secret as a value, most of them mistakes. */
export const envLines: readonly string[] = [
  `KEY=${SECRET}`,
  `KEY="${SECRET}`,
  `KEY='${SECRET}`,
  `KEY=\`${SECRET}`,
  `KEY="${SECRET}" ${SECRET}`,
  `KEY=${SECRET} ${SECRET}`,
  `KEY = ${SECRET}`,
  `KEY: ${SECRET}`,
  `KEY ${SECRET}`,
  `K EY=${SECRET}`,
  `-KEY=${SECRET}`,
  `=${SECRET}`,
  `export KEY=${SECRET}`,
  `export "KEY=${SECRET}"`,
  `set KEY=${SECRET}`,
  `KEY=$(echo ${SECRET})`,
  `KEY=\`echo ${SECRET}\``,
  `KEY=\${OTHER:?${SECRET}}`,
  `KEY=\${OTHER:-${SECRET}`,
  `KEY=$'${SECRET}'`,
  `KEY=${SECRET}\\`,
  `KEY=${SECRET}; ${SECRET}`,
  `KEY=${SECRET} && ${SECRET}`,
  `KEY=(${SECRET})`,
  `KEY=<${SECRET}>`,
  `KEY=changeme ${SECRET}`,
  `KEY=${SECRET}\0${SECRET}`,
  `KEY=${SECRET}\r`,
  `\uFEFFKEY=${SECRET}`,
  `KEY+=${SECRET}`,
  `KEY=\nKEY=${SECRET}`,
  `KEY=${SECRET}\nKEY=`,
  `{ "KEY": "${SECRET}" }`,
  `${SECRET} ${SECRET}`,
  `Bearer ${SECRET}`,
  `postgres://user:${SECRET}@127.0.0.1/shop`,
]

/** What a schema may ask of a value that holds a secret, so that the value does not meet it. */
export const schemas: readonly string[] = [
  ...[
    { const: 'other' },
    { const: `${SECRET}-other` },
    { enum: ['other', `${SECRET}-other`] },
    { pattern: '^other$' },
    { maxLength: 1 },
    { format: 'uri' },
    { format: 'email' },
    { type: 'integer' },
    { type: 'boolean', default: SECRET },
    { not: {} },
    { oneOf: [{ const: SECRET }, { pattern: 'x' }] },
  ].map(KEY => JSON.stringify({ type: 'object', required: ['KEY'], properties: { KEY } })),
  `{ "properties": { "KEY": { "const": "${SECRET}`,
  `"${SECRET}"`,
  `{ "type": "${SECRET}" }`,
  `{ "$ref": "https://user:${SECRET}@127.0.0.1/schema.json" }`,
  `{ "$ref": "#/${SECRET}" }`,
  `{ "${SECRET}": true }`,
]
