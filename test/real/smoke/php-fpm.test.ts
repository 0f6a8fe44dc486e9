import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { gist, messageOf, runSmoke } from '../../checks/smoke/run-smoke.ts'
import { directory, startPhpFpm } from './servers.ts'

const controller = `<?php
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
switch ($path) {
  case '/': header('X-Release: 1'); echo '<h1>Welcome</h1>'; break;
  case '/about': header('Location: /about/', true, 301); break;
  case '/server': header('Content-Type: application/json');
    echo json_encode([$_SERVER['HTTP_HOST'], $_SERVER['SCRIPT_NAME'], $_SERVER['QUERY_STRING'], $_SERVER['HTTPS'] ?? '']); break;
  case '/fatal': undefined_function(); break;
  case '/exit': echo 'Wel'; exit(1);
  case '/large': echo 'Welcome', str_repeat('.', 1000000); break;
  case '/sleep': sleep(60); break;
  default: http_response_code(404); echo 'nothing';
}
`

const start = async (t: Test) => {
  const root = join(await directory(t), 'public')
  await mkdir(root)
  const script = join(root, 'index.php')
  await writeFile(script, controller)
  const { fastcgi } = await startPhpFpm(t)
  return { target: `fastcgi+unix:${fastcgi}`, script, host: 'octopus.energy' }
}

t.test('smoke over FastCGI › of php-fpm', async t => {
  const app = await start(t)
  const secure = { headers: { 'X-Forwarded-Proto': 'https' } }
  const rows = [
    ['a page', { expect: { body: 'Welcome', headers: { 'X-Release': '1' } } }, 'pass'],
    ['a page by HEAD', { method: 'HEAD' }, 'pass'],
    [
      'what the app is told',
      {
        path: '/server?a=%20b',
        ...secure,
        expect: { body: '["octopus.energy","\\/index.php","a=%20b","on"]' },
      },
      'pass',
    ],
    ['a redirect', { path: '/about' }, 'fail SMOKE_REDIRECT_SLASH'],
    ['a page that is not there', { path: '/nowhere' }, 'fail SMOKE_STATUS_UNEXPECTED'],
    ['a fatal error', { path: '/fatal' }, 'fail SMOKE_STATUS_UNEXPECTED'],
    ['the top of a large page', { path: '/large', expect: { body: 'Welcome' } }, 'pass'],
    ['another text', { expect: { body: 'Farewell' } }, 'fail SMOKE_BODY_UNEXPECTED'],
  ] as const
  for (const [what, keys, expected] of rows)
    t.equal(gist(await runSmoke({ ...app, ...keys })), expected, what)
  const slow = await runSmoke({ ...app, path: '/sleep', patience: 0 }, { timeoutMs: 500 })
  t.equal(gist(slow), 'fail SMOKE_NO_ANSWER')
})

t.test('smoke over FastCGI › a wrong script and a wrong protocol are told as such', async t => {
  const app = await start(t)
  const missing = await runSmoke({ ...app, script: '/nowhere/index.php' })
  t.equal(gist(missing), 'fail SMOKE_STATUS_UNEXPECTED')
  t.match(messageOf(missing), /php-fpm itself, which does not run \/nowhere\/index\.php/)
  const http = app.target.replace('fastcgi', 'http')
  t.equal(gist(await runSmoke({ target: http })), 'fail SMOKE_PROTOCOL_MISMATCH')
})
