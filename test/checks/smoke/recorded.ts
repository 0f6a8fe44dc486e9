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
