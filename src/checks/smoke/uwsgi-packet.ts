import type { SmokeRequest } from './exchange.ts'

/** The maximum of the packet's 16-bit size. */
const MAX_VARIABLES_BYTES = 0xffff

/** uWSGI's default `buffer-size`. It resets a connection that sends more. */
export const DEFAULT_BUFFER_SIZE_BYTES = 4096

type Variable = readonly [name: string, value: string]

const sized = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'latin1')
  const size = Buffer.alloc(2)
  size.writeUInt16LE(bytes.length)
  return Buffer.concat([size, bytes])
}

/**
 * A uwsgi packet: modifiers 0 (a WSGI request; others are control packets), the size of the variables, and each variable
 * as size, name, size, value. Sizes are 16 bits, little-endian. A request without a body needs nothing else.
 * https://uwsgi-docs.readthedocs.io/en/latest/Protocol.html
 * Throws a RangeError if the variables do not fit into a packet.
 */
export const encodePacket = (variables: readonly Variable[]): Buffer => {
  const body = Buffer.concat(variables.flatMap(([name, value]) => [sized(name), sized(value)]))
  if (body.length > MAX_VARIABLES_BYTES) throw new RangeError('uwsgi variables larger than 65535 bytes')
  const header = Buffer.from([0, 0, 0, 0])
  header.writeUInt16LE(body.length, 1)
  return Buffer.concat([header, body])
}

/** Each byte becomes one character, as CGI defines PATH_INFO. */
const percentDecoded = (path: string): string =>
  path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

const headerVariable = (name: string): string => {
  const variable = name.toUpperCase().replaceAll('-', '_')
  return variable === 'CONTENT_TYPE' ? variable : `HTTP_${variable}`
}

/**
 * What nginx's `uwsgi_params` would send for the request. With X-Forwarded-Proto: https there are also HTTPS=on, which
 * Django reads without any setting, and port 443.
 */
export const variablesOf = ({ method, path, host, headers }: SmokeRequest): Variable[] => {
  const [pathname = '', ...query] = path.split('?')
  const isSecure = headers['x-forwarded-proto']?.toLowerCase() === 'https'
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? []
  const scheme: readonly Variable[] = isSecure
    ? [
        ['REQUEST_SCHEME', 'https'],
        ['HTTPS', 'on'],
      ]
    : [['REQUEST_SCHEME', 'http']]
  return [
    ['QUERY_STRING', query.join('?')],
    ['REQUEST_METHOD', method],
    ['CONTENT_TYPE', ''],
    ['CONTENT_LENGTH', ''],
    ['REQUEST_URI', path],
    ['PATH_INFO', percentDecoded(pathname)],
    ['SERVER_PROTOCOL', 'HTTP/1.1'],
    ...scheme,
    ['REMOTE_ADDR', '127.0.0.1'],
    ['SERVER_PORT', port ?? (isSecure ? '443' : '80')],
    ['SERVER_NAME', name],
    ['HTTP_HOST', host],
    ...Object.entries(headers).map(([header, value]): Variable => [headerVariable(header), value]),
  ]
}
