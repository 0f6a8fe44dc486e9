/** What uWSGI 2.0.21 sent for Django 3.2, byte by byte. */
export const recorded = {
  page: 'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 16\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n\r\n<h1>Welcome</h1>',
  /** An app that streams: no length, no chunks, the end of the connection is the end of the page. */
  streamed: 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>Welcome</h1>',
  slash:
    'HTTP/1.1 301 Moved Permanently\r\nContent-Type: text/html; charset=utf-8\r\nLocation: /about/\r\nContent-Length: 0\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n\r\n',
  error:
    'HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/html\r\nContent-Length: 145\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n\r\n\n<!doctype html>\n<html lang="en">\n<head>\n  <title>Server Error (500)</title>\n</head>\n<body>\n  <h1>Server Error (500)</h1><p></p>\n</body>\n</html>\n',
  /** The app could not be imported: uWSGI's own page. */
  notLoaded:
    'HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\nInternal Server Error',
  /** nginx 1.22.1, sent a uwsgi packet. */
  nginx:
    'HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1\r\nDate: Sun, 22 Nov 2026 23:34:23 GMT\r\nContent-Type: text/html\r\nContent-Length: 157\r\nConnection: close\r\n\r\n<html>\r\n<head><title>400 Bad Request</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n',
} as const

/** The packet that nginx 1.22.1 sends for `GET /caf%C3%A9/?a=%20b` with its own uwsgi_params, byte by byte. */
export const nginxPacket = Buffer.from(
  'AGoBAAwAUVVFUllfU1RSSU5HBgBhPSUyMGIOAFJFUVVFU1RfTUVUSE9EAwBHRVQMAENPTlRFTlRfVFlQRQAADgBDT0' +
    '5URU5UX0xFTkdUSAAACwBSRVFVRVNUX1VSSRIAL2NhZiVDMyVBOS8/YT0lMjBiCQBQQVRIX0lORk8HAC9jYWbDqS8N' +
    'AERPQ1VNRU5UX1JPT1QVAC91c3Ivc2hhcmUvbmdpbngvaHRtbA8AU0VSVkVSX1BST1RPQ09MCABIVFRQLzEuMQ4AUk' +
    'VRVUVTVF9TQ0hFTUUEAGh0dHALAFJFTU9URV9BRERSCQAxMjcuMC4wLjELAFJFTU9URV9QT1JUBQAzODQyOAsAU0VS' +
    'VkVSX1BPUlQFADE4MDk5CwBTRVJWRVJfTkFNRQAACQBIVFRQX0hPU1QOAG9jdG9wdXMuZW5lcmd5DwBIVFRQX1VTRV' +
    'JfQUdFTlQUAGhlYWx0aC1zaWRlY2FyLzAuMS4w',
  'base64',
)

/** What it says. */
export const nginxVariables = [
  ['QUERY_STRING', 'a=%20b'],
  ['REQUEST_METHOD', 'GET'],
  ['CONTENT_TYPE', ''],
  ['CONTENT_LENGTH', ''],
  ['REQUEST_URI', '/caf%C3%A9/?a=%20b'],
  ['PATH_INFO', '/caf\u00c3\u00a9/'],
  ['DOCUMENT_ROOT', '/usr/share/nginx/html'],
  ['SERVER_PROTOCOL', 'HTTP/1.1'],
  ['REQUEST_SCHEME', 'http'],
  ['REMOTE_ADDR', '127.0.0.1'],
  ['REMOTE_PORT', '38428'],
  ['SERVER_PORT', '18099'],
  ['SERVER_NAME', ''],
  ['HTTP_HOST', 'octopus.energy'],
  ['HTTP_USER_AGENT', 'health-sidecar/0.1.0'],
] as const
